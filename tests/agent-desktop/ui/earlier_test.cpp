#include <gmock/gmock.h>

#include <QListWidget>
#include <QTest>
#include <map>

#include "agent-desktop/ui/main_window.h"
#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::until;
using testing::HasSubstr;

// Alice, who has nothing on her list, and three conversations from before.
class EarlierTest : public testing::Test {
 protected:
    void SetUp() override {
        for (const auto* name : {"Wei", "Mia", "Tom"}) {
            const auto id = desk_.ledger.enqueue(name, "hi");
            desk_.ledger.assign(id, "bob", "Bob");
            visitors_.emplace(id, name);
        }
        client_ = desk_.makeClient("alice", "Alice");
        ASSERT_TRUE(client_->signIn());
        ASSERT_TRUE(
            until([&] { return client_->connection() == AgentClient::Connection::online; }));
        window_ = std::make_unique<MainWindow>(*client_);
        window_->resize(1100, 720);
        window_->show();
        QApplication::setActiveWindow(window_.get());
    }
    template <class Object>
    Object* find(const QString& name) {
        auto* found = window_->findChild<Object*>(name);
        EXPECT_NE(found, nullptr) << name.toStdString();
        return found;
    }
    QListWidget* ask() {
        QTest::mouseClick(find<QToolButton>("earlierButton"), Qt::LeftButton);
        return find<QListWidget>("earlierList");
    }

    Desk desk_;
    std::map<ConversationId, std::string> visitors_;  // by id, which is how they are listed
    std::unique_ptr<AgentClient> client_;
    std::unique_ptr<MainWindow> window_;
};

TEST_F(EarlierTest, AreListedInPagesAndOpened) {
    auto* list = ask();
    ASSERT_TRUE(until([&] { return list->count() == 2; }));
    EXPECT_THAT(list->item(0)->text().toStdString(), HasSubstr(visitors_.rbegin()->second));
    auto* more = find<QPushButton>("earlierMore");
    ASSERT_TRUE(until([&] { return more->isEnabled(); }));
    QTest::mouseClick(more, Qt::LeftButton);
    ASSERT_TRUE(until([&] { return list->count() == 3; }));
    EXPECT_FALSE(more->isVisible()) << "that was the last page";
    list->setCurrentRow(2);
    QTest::keyClick(list, Qt::Key_Return);
    const auto& [id, visitor] = *visitors_.begin();
    ASSERT_TRUE(until([&, name = QString::fromStdString(visitor)] {
        return find<ElidedLabel>("chatTitle")->text() == name;
    }));
    auto* open = client_->conversations().find(id);
    ASSERT_NE(open, nullptr);
    EXPECT_EQ(open->phase(), Conversation::Phase::released);
    ASSERT_TRUE(until([&] { return open->isComplete(); }));
    EXPECT_TRUE(client_->dismiss(id));
}

TEST_F(EarlierTest, WhatFailedCanBeTriedAgain) {
    desk_.ledger.setFaults({.noHistory = true});
    auto* list = ask();
    auto* more = find<QPushButton>("earlierMore");
    ASSERT_TRUE(until([&] { return more->text() == "Try again"; }));
    EXPECT_THAT(find<QLabel>("earlierState")->text().toStdString(), HasSubstr("Not listed"));
    desk_.ledger.setFaults({});
    QTest::mouseClick(more, Qt::LeftButton);
    ASSERT_TRUE(until([&] { return list->count() == 2; }));
    EXPECT_EQ(more->text(), "More");
}

}  // namespace
}  // namespace parlor::agent
