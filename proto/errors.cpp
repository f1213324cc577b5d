#include "proto/errors.h"

namespace parlor {
namespace {

class Category final : public boost::system::error_category {
 public:
    const char* name() const noexcept override { return "parlor"; }

    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::malformed:
                return "malformed";
            case Errc::tooLarge:
                return "too large";
            case Errc::forbidden:
                return "forbidden";
            case Errc::notFound:
                return "not found";
            case Errc::conflict:
                return "conflict";
            case Errc::closed:
                return "conversation closed";
            case Errc::unavailable:
                return "unavailable";
            case Errc::overloaded:
                return "overloaded";
            case Errc::deadline:
                return "no answer in time";
            case Errc::epochChanged:
                return "epoch changed";
            case Errc::internal:
                return "internal error";
        }
        return "unknown error " + std::to_string(value);
    }
};

}  // namespace

const boost::system::error_category& errorCategory() noexcept {
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc code) noexcept {
    return {static_cast<int>(code), errorCategory()};
}

void throw_exception_from_error(const Error& error, const boost::source_location& /*loc*/) {
    throw boost::system::system_error(make_error_code(error.code), error.text);
}

}  // namespace parlor
