#pragma once

#include <ctime>
#include <string>

namespace parlor::gateway {

// The value of the Date header (RFC 9110, 5.6.7), made once a second. One thread.
class DateLine {
 public:
    const std::string& now() {
        const std::time_t time = std::time(nullptr);
        if (time != made_) {
            made_ = time;
            std::tm parts{};
            gmtime_r(&time, &parts);
            char text[40];
            text_.assign(text,
                         std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
        }
        return text_;
    }

 private:
    std::time_t made_ = 0;
    std::string text_;
};

}  // namespace parlor::gateway
