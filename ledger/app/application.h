#pragma once

#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>

#include <string>
#include <vector>

#include "ledger/app/config.h"

namespace parlor::ledger {

// parlor-ledger --config=FILE: exit 0 after SIGTERM or SIGINT, 1 where it cannot start, 64 for a
// wrong command line.
class Application final : public Poco::Util::ServerApplication {
 protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

 private:
    void setUpLogging();
    int serve(const Config& config);
    int verifyRecord(const Config& config);
    int raiseEpoch(const Config& config);

    std::string configFile_;
    bool helpWanted_ = false;
    bool verifyWanted_ = false;
    bool restoreDoneWanted_ = false;
};

}  // namespace parlor::ledger
