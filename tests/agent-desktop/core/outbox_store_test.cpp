#include "agent-desktop/core/outbox_store.h"

#include <gmock/gmock.h>

#include <QFileInfo>

#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using testing::HasSubstr;

class OutboxStoreTest : public testing::Test {
 protected:
    OutboxStore store() const {
        return {QString::fromStdString(directory_.file("data")), *SiteId::parse("demo"),
                *AgentId::parse("alice")};
    }
    static OutboxItem item(const std::string& text) {
        OutboxItem item{ConversationId::generate(), RequestId::generate(), {}, 1234};
        item.draft.set_request_id(item.request.str());
        item.draft.mutable_message()->set_text(text);
        return item;
    }
    test::TempDir directory_;
};

TEST_F(OutboxStoreTest, StartsEmpty) {
    auto store = this->store();
    ASSERT_TRUE(store.open());
    EXPECT_TRUE(store.load()->empty());
}

TEST_F(OutboxStoreTest, ReadsBackWhatWasSaved) {
    const OutboxItem waiting = item("你好\n\"<b>\"");
    OutboxItem failed = item("second");
    failed.state = OutboxItem::State::failed;
    failed.failure = Error{Errc::closed, "the conversation is closed"};
    {
        auto store = this->store();
        ASSERT_TRUE(store.open());
        ASSERT_TRUE(store.save({waiting, failed}));
    }
    auto store = this->store();
    ASSERT_TRUE(store.open());
    const auto loaded = store.load();
    ASSERT_EQ(loaded->size(), 2U);
    EXPECT_EQ(loaded->at(0).conversation, waiting.conversation);
    EXPECT_EQ(loaded->at(0).request, waiting.request);
    EXPECT_EQ(loaded->at(0).draft.message().text(), "你好\n\"<b>\"");
    EXPECT_EQ(loaded->at(0).createdAtMs, 1234);
    EXPECT_EQ(loaded->at(0).state, OutboxItem::State::waiting);
    EXPECT_EQ(loaded->at(1).state, OutboxItem::State::failed);
    EXPECT_EQ(loaded->at(1).failure->code, Errc::closed);
    EXPECT_EQ(loaded->at(1).failure->text, "the conversation is closed");
}

TEST_F(OutboxStoreTest, IsForItsOwnerOnly) {
    auto store = this->store();
    ASSERT_TRUE(store.open());
    ASSERT_TRUE(store.save({item("secret")}));
    const auto others = QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther;
    EXPECT_FALSE(QFileInfo(store.path()).permissions() & others);
}

TEST_F(OutboxStoreTest, KeepsAFileThatItCannotReadAside) {
    for (const std::string broken :
         {"", "not json", "{}", "[]", R"({"version":2,"drafts":[]})",
          R"({"version":1,"drafts":[{"conversation":"x","draft":"////"}]})"}) {
        auto store = this->store();
        ASSERT_TRUE(store.open());
        directory_.write("data/demo.alice.outbox", broken);
        const auto loaded = store.load();
        ASSERT_FALSE(loaded) << broken;
        EXPECT_EQ(loaded.error().code, Errc::malformed);
        EXPECT_THAT(loaded.error().text, HasSubstr(".broken"));
        EXPECT_EQ(test::readFile(directory_.file("data/demo.alice.outbox.broken")), broken);
        EXPECT_TRUE(store.load()->empty());
    }
}

TEST_F(OutboxStoreTest, SaysWhereItCannotWrite) {
    directory_.write("data", "a file where a directory should be");
    auto store = this->store();
    const auto opened = store.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace parlor::agent
