#include "tests/security/ledger_process.h"

#include <stdexcept>

#include "tests/integration/http_client.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace parlor::test {

LedgerProcess::LedgerProcess(const SecuredBroker& broker)
    : health_("127.0.0.1:" + std::to_string(freePort())),
      config_(dir_.write(
          "ledger.properties",
          "database.url = sqlite://" + dir_.file("ledger.db") + "\nbroker.servers = tcp://" +
              broker.hostAndPort() + "\nbroker.username = ledger\nbroker.passwordFile = " +
              broker.passwordFile("ledger") + "\nhealth.listen = " + health_ + "\n")) {
    start();
}

void LedgerProcess::start() {
    process_.emplace(Process::Options{.arguments = {PARLOR_LEDGER, "--config=" + config_},
                                      .logFile = dir_.file("ledger.log"),
                                      .environment = {},
                                      .workingDirectory = {}});
    const bool ready = eventually([this] {
        try {
            return http(health_, {.target = "/readyz"}).status == 200;
        } catch (const boost::system::system_error&) {
            return false;
        }
    });
    if (!ready) throw std::runtime_error("parlor-ledger is not ready:\n" + log());
}

std::string LedgerProcess::metrics() const { return http(health_, {.target = "/metrics"}).body; }

}  // namespace parlor::test
