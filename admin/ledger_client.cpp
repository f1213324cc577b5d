#include "admin/ledger_client.h"

#include <boost/algorithm/string/case_conv.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "proto/codec.h"

namespace parlor::admin {
namespace {

constexpr std::chrono::milliseconds kAskAgain{500};

CallerId tool() { return *CallerId::parse(kAdminCaller); }

}  // namespace

// What comes in, on the bus's thread, awaited by the caller's.
class LedgerClient::Inbox {
 public:
    void onMessage(const bus::Message& message) {
        const std::lock_guard lock(mutex_);
        if (message.correlationData != awaited_) return;
        answer_ = decode<v1::Response>(message.payload);
        changed_.notify_all();
    }
    void onDone(const Expected<void>& done) {
        const std::lock_guard lock(mutex_);
        done_ = done;
        changed_.notify_all();
    }
    void expect(const std::string& correlation) {
        const std::lock_guard lock(mutex_);
        awaited_ = correlation;
        answer_.reset();
        done_.reset();
    }
    // What subscribing or publishing came to.
    Expected<void> done(bus::Deadline deadline) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline, [&] { return done_.has_value(); });
        if (!done_) return Error{Errc::deadline, "the broker did not answer"};
        return *done_;
    }
    Expected<v1::Response> answer(bus::Deadline deadline) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, deadline, [&] { return answer_.has_value(); });
        if (!answer_) return Error{Errc::deadline, "no ledger answered"};
        return *answer_;
    }

 private:
    std::mutex mutex_;  // guards all of it
    std::condition_variable changed_;
    std::string awaited_;
    std::optional<Expected<v1::Response>> answer_;
    std::optional<Expected<void>> done_;
};

LedgerClient::LedgerClient(std::unique_ptr<bus::Bus> bus, const SiteId& site)
    : site_(site),
      name_(*ClientId::parse(boost::algorithm::to_lower_copy(Ulid::generate().str()))),
      inbox_(std::make_shared<Inbox>()),
      bus_(std::move(bus)) {}

LedgerClient::~LedgerClient() { bus_->stop(bus::Clock::now()); }

Expected<void> LedgerClient::connect(bus::Deadline deadline) {
    bus_->start({.onMessage = [inbox = inbox_](bus::Message&& m) { inbox->onMessage(m); },
                 .onState = [](bus::State) {},
                 .onConnectFailed =
                     [inbox = inbox_](const Error& error) {
                         // Waiting helps against an absent broker, not against one that refuses.
                         if (error.code == Errc::forbidden) inbox->onDone(error);
                     }});
    bus_->subscribe(
        {topics::format(topics::Reply{site_, tool(), name_})}, bus::Qos::atLeastOnce,
        [inbox = inbox_](const Expected<void>& done) { inbox->onDone(done); }, deadline);
    return inbox_->done(deadline);
}

Expected<v1::Response> LedgerClient::call(topics::Method method, const v1::Request& request,
                                          bus::Deadline deadline) {
    bus::Message message;
    message.topic = topics::format(topics::Rpc{site_, method, tool()});
    message.payload = encode(request);
    message.expiry = std::chrono::seconds(30);
    message.responseTopic = topics::format(topics::Reply{site_, tool(), name_});
    message.correlationData = Ulid::generate().str();
    inbox_->expect(message.correlationData);
    bus_->publish(
        std::move(message), [inbox = inbox_](const Expected<void>& done) { inbox->onDone(done); },
        deadline);
    if (auto sent = inbox_->done(deadline); !sent) return sent.error();
    auto answer = inbox_->answer(deadline);
    if (answer && answer->has_failure()) return toError(answer->failure());
    return answer;
}

Expected<std::string> LedgerClient::result(const std::string& job, bus::Deadline deadline) {
    v1::Request request;
    request.mutable_job()->set_id(job);
    std::string data;
    for (std::uint32_t part = 0;;) {
        request.mutable_job()->set_part(part);
        const auto answer = call(topics::Method::job, request, deadline);
        if (!answer) return answer.error();
        switch (answer->job().state()) {
            case v1::JobResponse::STATE_FAILED:
                return toError(answer->job().failure());
            case v1::JobResponse::STATE_DONE:
                data += answer->job().data();
                if (++part >= answer->job().parts()) return data;
                break;
            default:
                if (bus::Clock::now() + kAskAgain > deadline) {
                    return Error{Errc::deadline, "job " + job + " is not finished yet"};
                }
                std::this_thread::sleep_for(kAskAgain);
        }
    }
}

}  // namespace parlor::admin
