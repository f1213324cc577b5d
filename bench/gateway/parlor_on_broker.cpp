#include "bench/gateway/parlor_on_broker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "bench/support/http.h"
#include "tests/support/free_port.h"

namespace parlor::bench {
namespace {

constexpr std::size_t kTokensAtOnce = 5000;

}  // namespace

ParlorOnBroker::ParlorOnBroker(const Setup& setup, std::size_t replicas)
    : keys_(writeKeys(dir_)), broker_(makeBroker()), events_(makeEvents(setup)) {
    for (std::size_t i = 0; i < replicas; ++i) {
        gateways_.push_back(makeGateway(setup, "gateway-" + std::to_string(i)));
    }
}

std::vector<std::string> ParlorOnBroker::arguments(const std::string& channels,
                                                   std::size_t subscribers) const {
    const auto file = dir_.file(channels);
    openChannels(events_.address(), subscribers, file);
    return {"--dialect", "parlor", "--publish", events_.address(), "--channels", file};
}

std::vector<std::string> ParlorOnBroker::loadArguments(std::size_t subscribers) {
    auto all = arguments("channels", subscribers);
    for (const auto& gateway : gateways_) {
        all.insert(all.end(), {"--subscribe", gateway->address(), "--process", gateway->process()});
    }
    all.insert(all.end(), {"--process", events_.process(), "--process", broker_.process()});
    return all;
}

std::vector<std::string> ParlorOnBroker::loadArguments(std::size_t replica,
                                                       std::size_t subscribers) {
    auto all = arguments("channels-" + std::to_string(replica), subscribers);
    const auto& own = *gateways_[replica];
    all.insert(all.end(), {"--subscribe", own.address(), "--process", own.process(),
                           "--subscribers", std::to_string(subscribers)});
    return all;
}

// As broker-config/single, but for accounts, which cost nothing once connected, and persistence.
Daemon ParlorOnBroker::makeBroker() const {
    const auto port = test::freePort();
    const auto config = dir_.write("mosquitto.conf", "listener " + std::to_string(port) +
                                                         " 127.0.0.1\n"
                                                         "set_tcp_nodelay true\n"
                                                         "allow_anonymous true\n"
                                                         "max_inflight_messages 2000\n"
                                                         "max_queued_messages 100000\n"
                                                         "log_dest stderr\n"
                                                         "log_type error\n");
    return {"broker", {findProgram("mosquitto"), "-c", config}, port, dir_.file("broker.log")};
}

Daemon ParlorOnBroker::makeEvents(const Setup& setup) const {
    const auto port = test::freePort();
    return {"events",
            {setup.programs + "/parlor-bench-events", "--publish-port", std::to_string(port),
             "--broker", "tcp://" + broker_.address(), "--key-file", keys_},
            port,
            dir_.file("events.log")};
}

std::unique_ptr<Daemon> ParlorOnBroker::makeGateway(const Setup& setup,
                                                    const std::string& name) const {
    const auto port = test::freePort();
    const auto config = dir_.write(
        name + ".properties", "http.listen = 127.0.0.1:" + std::to_string(port) +
                                  "\nhttp.shards = 1\nbroker.servers = tcp://" + broker_.address() +
                                  "\nsites = bench\ntoken.keyFile = " + keys_ + "\n");
    return std::make_unique<Daemon>(name,
                                    std::vector<std::string>{setup.gateway, "--config=" + config},
                                    port, dir_.file(name + ".log"));
}

std::string writeKeys(const test::TempDir& dir) {
    // Any key will do, as long as all agree on it.
    return dir.write("keys",
                     "k1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
}

void openChannels(const std::string& publisher, std::size_t count, const std::string& file) {
    std::ofstream out(file);
    for (std::size_t left = count; left > 0;) {
        const auto some = std::min(left, kTokensAtOnce);
        out << fetch(publisher, "/tokens?count=" + std::to_string(some));
        left -= some;
    }
    if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

std::string fetch(const std::string& address, const std::string& target) {
    boost::asio::io_context context(1);
    Response response;
    std::exception_ptr failure;
    boost::asio::co_spawn(
        context,
        [&]() -> boost::asio::awaitable<void> {
            Connection connection(context.get_executor(), address);
            response = co_await connection.get(target, "");
        },
        [&](std::exception_ptr error) { failure = std::move(error); });
    context.run();
    if (failure) std::rethrow_exception(failure);
    if (response.status != 200) {
        throw std::runtime_error(target + ": answer " + std::to_string(response.status));
    }
    return response.body;
}

}  // namespace parlor::bench
