#include <gmock/gmock.h>

#include <QTest>

#include "agent-desktop/ui/main_window.h"
#include "agent-desktop/ui/queue_delegate.h"
#include "tests/agent-desktop/support/desk.h"

namespace parlor::agent {
namespace {

using test::Desk;
using test::lastLine;
using test::lines;
using test::until;

// Alice at her window, signed in.
class WindowTest : public testing::Test {
 protected:
    void SetUp() override {
        client_ = desk_.makeClient("alice", "Alice");
        ASSERT_TRUE(client_->signIn());
        window_ = std::make_unique<MainWindow>(*client_);
        window_->resize(1100, 720);
        window_->show();
        QApplication::setActiveWindow(window_.get());
        ASSERT_TRUE(
            until([&] { return client_->connection() == AgentClient::Connection::online; }));
    }

    template <class Widget>
    Widget* find(const QString& name) {
        auto* found = window_->findChild<Widget*>(name);
        EXPECT_NE(found, nullptr) << name.toStdString();
        return found;
    }
    void clickAccept(int row) {
        auto* queue = find<QListView>("queue");
        const QRect rect = queue->visualRect(client_->queue().index(row));
        const QPoint button = QueueDelegate::buttonRect(rect, queue->fontMetrics()).center();
        QTest::mouseClick(queue->viewport(), Qt::LeftButton, {}, button);
    }
    // Accepts a visitor, whose conversation is then shown.
    Conversation* acceptOne(const std::string& visitor) {
        id_ = desk_.ledger.enqueue(visitor, "hi");
        EXPECT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
        clickAccept(0);
        EXPECT_TRUE(until([&] {
            auto* open = client_->conversations().find(id_);
            return open && open->isComplete() && open->isHeld() &&
                   find<TimelineView>("timeline")->model() == &open->timeline();
        }));
        return client_->conversations().find(id_);
    }

    Desk desk_;
    ConversationId id_;
    std::unique_ptr<AgentClient> client_;
    std::unique_ptr<MainWindow> window_;
};

TEST_F(WindowTest, AnAgentAcceptsReadsAndAnswers) {
    Conversation* open = acceptOne("Wei");
    ASSERT_NE(open, nullptr);
    EXPECT_EQ(find<ElidedLabel>("chatTitle")->text(), "Wei");
    auto* edit = find<QTextEdit>("composerText");
    EXPECT_TRUE(edit->hasFocus()) << "one can write at once";

    QTest::keyClicks(edit, "Hello Wei");
    QTest::keyClick(edit, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(edit, "how are you?");
    EXPECT_EQ(lastLine(*open), "assigned: Alice") << "Shift+Enter does not send";
    QTest::keyClick(edit, Qt::Key_Return);
    EXPECT_EQ(edit->toPlainText(), "");
    EXPECT_EQ(lastLine(*open), "me: Hello Wei\nhow are you?");
    ASSERT_TRUE(until([&] { return open->timeline().entries().back().seq != 0; }));
    EXPECT_EQ(desk_.ledger.texts(id_).back(), "Hello Wei\nhow are you?");

    auto* timeline = find<TimelineView>("timeline");
    const QModelIndex last = open->timeline().index(open->timeline().rowCount() - 1);
    EXPECT_TRUE(timeline->viewport()->rect().intersects(timeline->visualRect(last)));
}

TEST_F(WindowTest, CtrlEnterAndTheButtonSendToo) {
    Conversation* open = acceptOne("Wei");
    auto* edit = find<QTextEdit>("composerText");
    QTest::keyClicks(edit, "one");
    QTest::keyClick(edit, Qt::Key_Return, Qt::ControlModifier);
    EXPECT_EQ(lastLine(*open), "me: one");
    auto* send = find<QPushButton>("sendButton");
    EXPECT_FALSE(send->isEnabled()) << "there is nothing to send";
    QTest::keyClicks(edit, "two");
    QTest::mouseClick(send, Qt::LeftButton);
    EXPECT_EQ(lastLine(*open), "me: two");
}

TEST_F(WindowTest, ClosingTakesTwoPressesAndDisablesTheComposer) {
    Conversation* open = acceptOne("Wei");
    auto* close = find<ConfirmButton>("closeButton");
    QTest::mouseClick(close, Qt::LeftButton);
    EXPECT_EQ(lastLine(*open), "assigned: Alice") << "the first press only asks";
    QTest::mouseClick(close, Qt::LeftButton);
    ASSERT_TRUE(until([&] { return open->phase() == Conversation::Phase::closed; }));
    EXPECT_FALSE(find<QTextEdit>("composerText")->isVisible());
    auto* blocked = find<QLabel>("composerBlocked");
    EXPECT_TRUE(blocked->isVisible());
    EXPECT_THAT(blocked->text().toStdString(), testing::HasSubstr("closed"));

    ASSERT_TRUE(until([&] { return !open->isHeld(); }));
    QTest::mouseClick(find<QPushButton>("dismissButton"), Qt::LeftButton);
    EXPECT_EQ(client_->conversations().rowCount(), 0);
    EXPECT_FALSE(find<QLabel>("composerBlocked")->isVisible());
}

TEST_F(WindowTest, WhoComesTooLateIsToldWhoHasIt) {
    // Bob has it already; the queue still shows it.
    id_ = desk_.ledger.enqueue("Wei", "hi");
    ASSERT_TRUE(until([&] { return client_->queue().rowCount() == 1; }));
    desk_.ledger.setFaults({.refusal = Error{Errc::conflict, "Bob"}});
    clickAccept(0);
    auto* notice = find<NoticeBar>("notice");
    ASSERT_TRUE(until([&] { return notice->isVisible(); }));
    EXPECT_THAT(notice->text().toStdString(), testing::HasSubstr("Bob"));
}

TEST_F(WindowTest, AFailedMessageIsRetriedByAClick) {
    Conversation* open = acceptOne("Wei");
    desk_.ledger.setFaults({.refusal = Error{Errc::forbidden, "no"}});
    auto* edit = find<QTextEdit>("composerText");
    QTest::keyClicks(edit, "try");
    QTest::keyClick(edit, Qt::Key_Return);
    const auto last = [&]() -> const TimelineEntry& { return open->timeline().entries().back(); };
    ASSERT_TRUE(until([&] { return last().delivery == TimelineEntry::Delivery::failed; }));
    desk_.ledger.setFaults({});

    // Wherever on the failure's line "Retry" stands: it is somewhere on the right of the last row.
    auto* timeline = find<TimelineView>("timeline");
    timeline->scrollToBottom();
    const QRect row = timeline->visualRect(open->timeline().index(open->timeline().rowCount() - 1));
    auto* delegate = qobject_cast<TimelineDelegate*>(timeline->itemDelegate());
    std::optional<QPoint> retry;
    for (int x = row.left(); x < row.right() && !retry; x += 4) {
        const QPoint at(x, row.bottom() - 10);
        const auto hit = delegate->hit(open->timeline().index(open->timeline().rowCount() - 1),
                                       at - row.topLeft(), row.width(), timeline->font());
        if (hit.action == BubbleLayout::Action::retry) retry = at;
    }
    ASSERT_TRUE(retry.has_value());
    QTest::mouseClick(timeline->viewport(), Qt::LeftButton, {}, *retry);
    ASSERT_TRUE(until([&] { return last().seq != 0; }));
    EXPECT_EQ(desk_.ledger.texts(id_).back(), "try");
}

TEST_F(WindowTest, EachConversationKeepsWhatWasBegunInIt) {
    Conversation* first = acceptOne("First");
    auto* edit = find<QTextEdit>("composerText");
    QTest::keyClicks(edit, "for the first");
    Conversation* second = acceptOne("Second");
    EXPECT_EQ(edit->toPlainText(), "");
    QTest::keyClicks(edit, "for the second");
    auto* list = find<QListView>("conversations");
    const auto choose = [&](Conversation* conversation) {
        for (int row = 0; row < client_->conversations().rowCount(); ++row) {
            if (client_->conversations().at(row) == conversation) {
                list->setCurrentIndex(client_->conversations().index(row));
            }
        }
    };
    choose(first);
    EXPECT_EQ(edit->toPlainText(), "for the first");
    choose(second);
    EXPECT_EQ(edit->toPlainText(), "for the second");
}

TEST_F(WindowTest, WhatIsSeenIsMarkedAsRead) {
    Conversation* open = acceptOne("Wei");
    ASSERT_TRUE(until([&] { return open->unread() == 0; }));
    desk_.ledger.says(id_, "more");
    ASSERT_TRUE(until([&] { return lastLine(*open) == "visitor: more"; }));
    EXPECT_EQ(open->unread(), 0);
    const std::uint64_t seen = open->timeline().entries().back().seq;
    ASSERT_TRUE(until([&] {
        const auto drafts = desk_.ledger.drafts(id_);
        return !drafts.empty() && drafts.back().read().seq() == seen;
    }));
}

TEST_F(WindowTest, TheConnectionIsShownAsItIs) {
    auto* connection = find<QLabel>("connection");
    EXPECT_THAT(connection->text().toStdString(), testing::HasSubstr("Connected"));
    desk_.broker.cutConnections();
    ASSERT_TRUE(until([&] { return connection->text().contains("lost"); }));
    EXPECT_FALSE(find<QListView>("queue")->isEnabled());
    desk_.broker.restoreConnections();
    ASSERT_TRUE(until([&] { return connection->text().contains("Connected"); }));
}

TEST_F(WindowTest, TheStatusIsTheAgentsChoice) {
    auto* status = find<QComboBox>("status");
    status->setFocus();
    QTest::keyClick(status, Qt::Key_Down);
    ASSERT_TRUE(until([&] {
        const auto told = desk_.ledger.statuses();
        return !told.empty() && told.back().state() == v1::AgentStatus::STATE_AWAY;
    }));
}

TEST_F(WindowTest, TypingIsShownInBothDirections) {
    acceptOne("Wei");
    auto* typing = find<ElidedLabel>("typing");
    EXPECT_FALSE(typing->isVisible());
    desk_.ledger.visitorLive(id_, true, "I wan");
    ASSERT_TRUE(until([&] { return typing->isVisible(); }));
    EXPECT_THAT(typing->text().toStdString(), testing::HasSubstr("I wan"));
    QTest::keyClicks(find<QTextEdit>("composerText"), "x");
    ASSERT_TRUE(until([&] { return !desk_.ledger.typings(id_).empty(); }));
    EXPECT_TRUE(desk_.ledger.typings(id_).front());
}

TEST_F(WindowTest, WhatHappensMeanwhileIsNotTheAgentsTyping) {
    Conversation* open = acceptOne("Wei");
    QTest::keyClicks(find<QTextEdit>("composerText"), "x");
    ASSERT_TRUE(until([&] { return desk_.ledger.typings(id_) == std::vector<bool>{true, false}; }));
    desk_.ledger.says(id_, "more");
    ASSERT_TRUE(until([&] { return lastLine(*open) == "visitor: more"; }));
    test::settle();
    EXPECT_EQ(desk_.ledger.typings(id_).size(), 2U);
}

TEST_F(WindowTest, MarkupOfStrangersStaysText) {
    const std::string evil = "<b>Wei</b><img src='file:///x'>";
    Conversation* open = acceptOne(evil);
    EXPECT_EQ(find<ElidedLabel>("chatTitle")->text().toStdString(), evil);
    for (auto* label : window_->findChildren<QLabel*>()) {
        const bool ours = label->objectName() == "connection";
        EXPECT_TRUE(ours || !label->text().contains("<b>")) << label->text().toStdString();
    }
    EXPECT_EQ(open->visitorName().toStdString(), evil);
}

TEST_F(WindowTest, WorksInASmallWindow) {
    acceptOne("Wei");
    window_->resize(560, 480);
    QCoreApplication::processEvents();
    EXPECT_EQ(window_->width(), 560) << "nothing forces it wider";
    EXPECT_GE(find<TimelineView>("timeline")->width(), 300);
    EXPECT_FALSE(find<QWidget>("visitorPane")->isVisible());
    window_->resize(1100, 720);
    QCoreApplication::processEvents();
    EXPECT_TRUE(find<QWidget>("visitorPane")->isVisible());
}

}  // namespace
}  // namespace parlor::agent
