#include <gmock/gmock.h>

#include <QDialog>
#include <QLineEdit>
#include <QTest>

#include "agent-desktop/ui/main_window.h"
#include "agent-desktop/ui/queue_delegate.h"
#include "agent-desktop/ui/wording.h"
#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::until;
using testing::ElementsAreArray;
using testing::HasSubstr;
using Phase = Conversation::Phase;

// Alice at her window, with Wei's conversation, which she holds, before her.
class HandoverWindowTest : public testing::Test {
 protected:
    void SetUp() override {
        id_ = desk_.ledger.enqueue("Wei", "hi");
        desk_.ledger.assign(id_, "alice", "Alice");
        desk_.ledger.setRole("alice", v1::ROLE_SUPERVISOR);
        client_ = desk_.makeClient("alice", "Alice");
        ASSERT_TRUE(client_->signIn());
        window_ = std::make_unique<MainWindow>(*client_);
        window_->resize(1100, 720);
        window_->show();
        QApplication::setActiveWindow(window_.get());
        ASSERT_TRUE(until([&] {
            return open() && open()->isComplete() && open()->isHeld() &&
                   find<ElidedLabel>("chatTitle")->text() == "Wei" && client_->isSupervisor();
        }));
    }
    Conversation* open() { return client_->conversations().find(id_); }
    template <class Object>
    Object* find(const QString& name) {
        auto* found = window_->findChild<Object*>(name);
        EXPECT_NE(found, nullptr) << name.toStdString();
        return found;
    }
    bool comesTo(Phase phase) {
        return until([&] { return open()->phase() == phase; });
    }
    std::vector<std::string> actions() {
        std::vector<std::string> visible;
        for (const auto* action : find<HandoverMenu>("handoverMenu")->menu()->actions()) {
            if (action->isVisible()) visible.push_back(action->objectName().toStdString());
        }
        return visible;
    }

    Desk desk_;
    ConversationId id_;
    std::unique_ptr<AgentClient> client_;
    std::unique_ptr<MainWindow> window_;
};

TEST_F(HandoverWindowTest, TheMenuOffersWhatCanBeDone) {
    using testing::ElementsAre;
    EXPECT_TRUE(find<HandoverMenu>("handoverMenu")->isVisible());
    EXPECT_THAT(actions(), ElementsAre("transferAction", "giveBackAction"));
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    EXPECT_THAT(actions(), ElementsAre("joinAction", "takeOverAction"));
    find<QAction>("joinAction")->trigger();
    ASSERT_TRUE(comesTo(Phase::joined));
    EXPECT_THAT(actions(), ElementsAre("leaveAction", "takeOverAction"));
    EXPECT_TRUE(find<QTextEdit>("composerText")->isVisible()) << "who takes part can speak";
    EXPECT_FALSE(find<QPushButton>("closeButton")->isVisible());
    find<QAction>("takeOverAction")->trigger();
    ASSERT_TRUE(comesTo(Phase::held));
    find<QAction>("giveBackAction")->trigger();
    ASSERT_TRUE(comesTo(Phase::released));
    desk_.ledger.hangsUp(id_, "");
    ASSERT_TRUE(comesTo(Phase::closed));
    EXPECT_FALSE(find<HandoverMenu>("handoverMenu")->isVisible());
}

TEST_F(HandoverWindowTest, TransferAsksToWhom) {
    find<QAction>("transferAction")->trigger();
    auto* dialog = find<QDialog>("transferDialog");
    auto* button = find<QPushButton>("transferButton");
    EXPECT_FALSE(button->isEnabled());
    QTest::keyClicks(find<QLineEdit>("transferAgent"), "Bob Smith");
    EXPECT_FALSE(button->isEnabled()) << "no account is called so";
    find<QLineEdit>("transferAgent")->setText("bob");
    QTest::keyClicks(find<QTextEdit>("transferNote"), "knows French");
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_FALSE(dialog->isVisible());
    ASSERT_TRUE(comesTo(Phase::released));
    const auto draft = desk_.ledger.drafts(id_).back().transfer();
    EXPECT_EQ(draft.agent(), "bob");
    EXPECT_EQ(draft.note(), "knows French");
}

TEST_F(HandoverWindowTest, ARefusalIsTold) {
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "only for supervisors"}});
    find<QAction>("takeOverAction")->trigger();
    auto* notice = find<NoticeBar>("notice");
    ASSERT_TRUE(until([&] { return notice->isVisible(); }));
    EXPECT_THAT(notice->text().toStdString(), HasSubstr("only for supervisors"));
}

TEST_F(HandoverWindowTest, AnOfferIsDeclinedInTheQueue) {
    const auto waiting = desk_.ledger.enqueue("Mia", "hello");
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    auto* queue = find<QListView>("queue");
    const auto clickDecline = [&] {
        const QRect row = queue->visualRect(client_->queue().index(0));
        QTest::mouseClick(queue->viewport(), Qt::LeftButton, {},
                          QueueDelegate::declineRect(row, queue->fontMetrics()).center());
    };
    clickDecline();
    desk_.ledger.offer(waiting, "alice");
    ASSERT_TRUE(
        until([&] { return client_->queue().find(waiting)->state.offered_to() == "alice"; }));
    EXPECT_TRUE(desk_.ledger.drafts(waiting).empty()) << "nothing was offered yet";
    QCoreApplication::processEvents();
    clickDecline();
    ASSERT_TRUE(until([&] { return client_->queue().find(waiting)->state.offered_to().empty(); }));
    EXPECT_TRUE(desk_.ledger.drafts(waiting).back().has_decline());
}

TEST_F(HandoverWindowTest, TheQueuesMenuRaisesAndLowers) {
    const auto first = desk_.ledger.enqueue("Mia", "hello", 1000);
    const auto second = desk_.ledger.enqueue("Tom", "hi", 2000);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 2; }));
    auto* queue = find<QListView>("queue");
    EXPECT_EQ(queue->contextMenuPolicy(), Qt::ActionsContextMenu);
    auto* button = find<QToolButton>("priorityButton");
    EXPECT_TRUE(button->isVisible());
    EXPECT_THAT(button->menu()->actions(), ElementsAreArray(queue->actions()));
    queue->setCurrentIndex({});
    EXPECT_FALSE(find<QAction>("raiseAction")->isEnabled()) << "nobody is marked";
    queue->setCurrentIndex(client_->queue().index(1));
    EXPECT_FALSE(find<QAction>("lowerAction")->isEnabled()) << "lower than nothing";
    find<QAction>("raiseAction")->trigger();
    ASSERT_TRUE(until([&] { return client_->queue().entries()[0].conversation == second; }));
    EXPECT_EQ(queue->currentIndex().row(), 0) << "it stays the current one";
    find<QAction>("lowerAction")->trigger();
    ASSERT_TRUE(until([&] { return client_->queue().entries()[0].conversation == first; }));
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "prioritize: only for supervisors"}});
    find<QAction>("raiseAction")->trigger();
    auto* notice = find<NoticeBar>("notice");
    ASSERT_TRUE(until([&] { return notice->isVisible(); }));
    EXPECT_THAT(notice->text().toStdString(), HasSubstr("only for supervisors"));
    desk_.broker.cutConnections();
    EXPECT_TRUE(until([&] { return !button->isEnabled(); })) << "not without a connection";
}

TEST_F(HandoverWindowTest, NobodyIsRaisedAboveTheGreatestPriority) {
    const auto id = desk_.ledger.enqueue("Mia", "hello", 1000);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    find<QListView>("queue")->setCurrentIndex(client_->queue().index(0));
    client_->prioritize(id, kMaxPriority - 1);
    ASSERT_TRUE(until([&] { return find<QAction>("lowerAction")->isEnabled(); }));
    find<QAction>("raiseAction")->trigger();
    EXPECT_TRUE(until([&] { return !find<QAction>("raiseAction")->isEnabled(); }));
    EXPECT_EQ(client_->queue().find(id)->state.priority(), kMaxPriority);
}

TEST_F(HandoverWindowTest, KeysRaiseAndLowerWhereTheQueueHasTheFocus) {
    const auto id = desk_.ledger.enqueue("Mia", "hello", 1000);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    const auto comesToPriority = [&](std::uint32_t wanted) {
        return until([&] { return client_->queue().find(id)->state.priority() == wanted; });
    };
    auto* queue = find<QListView>("queue");
    queue->setCurrentIndex(client_->queue().index(0));
    queue->setFocus();
    QTest::keyClick(queue, Qt::Key_Plus);
    ASSERT_TRUE(comesToPriority(1));
    QTest::keyClick(queue, Qt::Key_Minus);
    ASSERT_TRUE(comesToPriority(0));
    auto* elsewhere = find<QListView>("conversations");
    elsewhere->setFocus();
    QTest::keyClick(elsewhere, Qt::Key_Plus);
    test::settle();
    EXPECT_EQ(client_->queue().find(id)->state.priority(), 0U);
}

TEST_F(HandoverWindowTest, WhoIsNoSupervisorIsNotOfferedWhatSupervisorsDo) {
    desk_.ledger.enqueue("Mia", "hello", 1000);
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    desk_.ledger.assign(id_, "bob", "Bob");
    ASSERT_TRUE(comesTo(Phase::released));
    auto* button = find<QToolButton>("priorityButton");
    EXPECT_TRUE(button->isVisible());
    // Asked anew after a reconnect.
    desk_.ledger.setRole("alice", v1::ROLE_AGENT);
    desk_.broker.cutConnections();
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return !client_->isSupervisor(); }));
    EXPECT_FALSE(button->isVisible());
    EXPECT_THAT(actions(), testing::ElementsAre("joinAction"));
    EXPECT_EQ(find<QListView>("queue")->contextMenuPolicy(), Qt::NoContextMenu);
    EXPECT_FALSE(find<QAction>("raiseAction")->isEnabled());
}

TEST(Wording, SaysWhoHasIt) {
    const auto says = [](TimelineEntry::Kind kind, const QString& text) {
        TimelineEntry entry;
        entry.kind = kind;
        entry.text = text;
        entry.author = "Bob";
        return Wording::system(entry).toStdString();
    };
    using Kind = TimelineEntry::Kind;
    EXPECT_EQ(says(Kind::offered, "Alice"), "Offered to Alice");
    EXPECT_EQ(says(Kind::timedOut, "Alice"), "Alice did not answer the offer");
    EXPECT_EQ(says(Kind::transferred, "billing"), "Bob transferred the conversation to billing");
    EXPECT_EQ(says(Kind::takenOver, "bob"), "Bob took the conversation over");
    EXPECT_EQ(says(Kind::joined, "<b>Carol</b> %2"), "<b>Carol</b> %2 joined");
    EXPECT_EQ(says(Kind::prioritized, "7"), "Bob set the priority to 7");
    EXPECT_EQ(says(Kind::reopened, ""), "The visitor reopened the conversation");
    for (const auto kind : {Kind::declined, Kind::left, Kind::released, Kind::lost}) {
        EXPECT_THAT(says(kind, "Alice"), testing::StartsWith("Alice "));
    }
}

}  // namespace
}  // namespace parlor::agent
