#include "gateway/app.h"

#include <sstream>

#include "gateway/edge/metrics_page.h"

namespace parlor::gateway {
namespace {

std::string text(const Endpoint& endpoint) {
    std::ostringstream out;
    out << endpoint;
    return out.str();
}

Endpoint claim(const std::string& key, const Endpoint& wanted) {
    try {
        return probe(wanted);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(key + ": cannot listen on " + text(wanted) + ": " +
                                 error.code().message());
    }
}

}  // namespace

App::App(Config config, const BusFactory& makeBus, Log log)
    : config_(std::move(config)),
      tokenKeys_(config_.tokenKeys),
      log_(std::move(log)),
      files_(config_.widgetDir.empty() ? StaticFiles() : StaticFiles(config_.widgetDir)),
      endpoint_(claim("http.listen", config_.listen)),
      tls_(config_.tls
               ? std::make_unique<TlsContext>(config_.tls->certificateFile, config_.tls->keyFile)
               : nullptr),
      tlsEndpoint_(config_.tls ? claim("https.listen", config_.tls->listen) : Endpoint()) {
    for (unsigned n = 0; n < config_.shards; ++n) {
        const auto client = ClientId::parse(config_.replica + "." + std::to_string(n));
        if (!client) throw std::runtime_error(client.error().text);
        shards_.push_back(
            std::make_unique<Shard>(config_, files_, *client, makeBus(*client), endpoint_,
                                    Shard::Process{.notReady = [this] { return notReady(); },
                                                   .metrics = [this] { return metrics(); },
                                                   .log = log_,
                                                   .tls = tls_.get(),
                                                   .tlsEndpoint = tlsEndpoint_}));
    }
}

App::~App() {
    draining_ = true;
    while (!shards_.empty()) {
        shards_.back()->stop();
        shards_.pop_back();
    }
}

void App::start() {
    for (const auto& shard : shards_) shard->start();
    const std::string tls = tls_ ? " tls=" + text(tlsEndpoint_) : std::string();
    log_("listening address=" + text(endpoint_) + tls +
         " shards=" + std::to_string(shards_.size()) + " replica=" + config_.replica);
}

void App::reload() {
    if (tls_) readAgain("certificate", [this] { tls_->reload(); });
    if (config_.tokenKeyFile.empty()) return;
    readAgain("token keys", [this] { tokenKeys_.replace(readTokenKeys(config_.tokenKeyFile)); });
}

void App::readAgain(const std::string& what, const std::function<void()>& read) {
    try {
        read();
        log_(what + " reloaded");
    } catch (const std::runtime_error& error) {
        log_(what + " not reloaded reason=\"" + error.what() + "\"");
    }
}

void App::drain(std::function<void()> drained) {
    draining_ = true;
    busy_ = shards_.size();
    log_("draining");
    for (const auto& shard : shards_) {
        shard->drain([this, drained] {
            if (--busy_ == 0) drained();
        });
    }
}

std::string App::notReady() const {
    if (draining_) return "the gateway is going away";
    for (const auto& shard : shards_) {
        if (shard->stats().busConnected.value() == 0) return "no connection to the broker";
        if (shard->stats().ready.value() == 0) return "receipts are not subscribed yet";
    }
    return {};
}

std::vector<const Stats*> App::stats() const {
    std::vector<const Stats*> all;
    for (const auto& shard : shards_) all.push_back(&shard->stats());
    return all;
}

std::string App::metrics() const { return metricsPage(stats()); }

}  // namespace parlor::gateway
