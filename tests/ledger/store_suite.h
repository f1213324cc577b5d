#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ledger/store/sql_store.h"
#include "tests/ledger/databases.h"

namespace parlor::ledger::test {

// A migrated database of its own for each test, of the kind that the parameter names.
class StoreSuite : public testing::TestWithParam<Dialect> {
 protected:
    void SetUp() override {
        database_ = Database::start(GetParam());
        store_ = std::make_unique<SqlStore>(database_->url());
        if (const auto done = store_->migrate(); !done) FAIL() << done.error().text;
    }

    std::unique_ptr<Database> database_;
    std::unique_ptr<SqlStore> store_;
};

inline auto everyDatabase() {
    return testing::Values(Dialect::sqlite, Dialect::postgresql, Dialect::mysql);
}
inline auto everyServer() { return testing::Values(Dialect::postgresql, Dialect::mysql); }
inline std::string databaseName(const testing::TestParamInfo<Dialect>& info) {
    return std::string(name(info.param));
}

}  // namespace parlor::ledger::test
