// agent_ui_portrait DIR: draws the windows, with a scripted ledger behind them, into PNG files in
// DIR, for people to look at and for the documentation. Not a test.

#include <QApplication>
#include <QDateTime>
#include <QFile>
#include <QTextEdit>
#include <cstdio>

#include "agent-desktop/ui/app.h"
#include "agent-desktop/ui/main_window.h"
#include "agent-desktop/ui/sign_in_dialog.h"
#include "tests/agent-desktop/support/desk.h"

namespace {

using namespace parlor;
using namespace parlor::agent;
using parlor::test::until;

constexpr std::int64_t kMinute = 60'000;

bool save(QWidget& widget, const QString& directory, const QString& name) {
    test::settle(std::chrono::milliseconds(300));
    return widget.grab().save(directory + "/" + name + ".png");
}

std::int64_t minutesAgo(int minutes) {
    return QDateTime::currentMSecsSinceEpoch() - minutes * kMinute;
}

// A conversation that shows what there is to show.
ConversationId rehearse(test::Desk& desk, AgentClient& client) {
    const auto id = desk.ledger.enqueue("王伟 Wei", "你好，请问这款耳机有现货吗？");
    (void)until([&] { return client.queue().find(id) != nullptr; });
    client.accept(id);
    (void)until([&] {
        auto* open = client.conversations().find(id);
        return open && open->isHeld() && open->isComplete();
    });
    const auto say = [&](const char* text, Audience audience = Audience::everybody) {
        (void)client.send(id, QString::fromUtf8(text), audience);
        auto& lines = client.conversations().find(id)->timeline();
        (void)until([&] { return lines.entries().back().seq != 0; });
    };
    say("您好，欢迎咨询！有现货的，今天下单明天就可以发出。产品页面：https://shop.example/p/"
        "4711?c=black");
    say("Ordered twice before, prefers express delivery.", Audience::staff);
    desk.ledger.says(id,
                     "太好了。Does it come with a case? I looked at the page but could not find "
                     "anything about what is in the box, and the reviews say different things.");
    desk.ledger.says(id, "مرحبا، هل يمكنني الدفع عند الاستلام؟ شكرا");
    desk.broker.drain();
    (void)until([&] { return client.conversations().find(id)->timeline().rowCount() >= 7; });
    say("Yes, a hard case and two cables are in the box.");
    desk.ledger.reads(id, 7);
    say("👍 Shall I reserve one for you?");
    desk.ledger.setFaults({.refusal = Error{Errc::forbidden, "not yours"}});
    (void)client.send(id, "This one was refused by the server", Audience::everybody);
    (void)until([&] {
        return client.conversations().find(id)->timeline().entries().back().delivery ==
               TimelineEntry::Delivery::failed;
    });
    desk.ledger.setFaults({});
    desk.ledger.visitorPresence(id, v1::Presence::STATE_HERE, std::chrono::seconds(90));
    desk.ledger.visitorLive(id, true, "I would like the bl");
    return id;
}

int draw(const QString& directory) {
    test::Desk desk;
    desk.ledger.setClock(minutesAgo(24 * 60 + 5));
    Timing timing;
    timing.typingTimeout = std::chrono::seconds(60);
    desk.ledger.setRole("alice", v1::ROLE_SUPERVISOR);
    auto client = desk.makeClient("alice", "Alice", timing);
    if (!client->signIn()) return 1;
    if (!until([&] { return client->connection() == AgentClient::Connection::online; })) return 1;

    MainWindow window(*client);
    window.resize(1200, 760);
    window.show();
    bool saved = save(window, directory, "empty");
    desk.ledger.enqueue("Marie Dubois", "Bonjour, où en est ma commande 4812 ?", minutesAgo(1));
    desk.ledger.enqueue("", "Is anybody there?", minutesAgo(3));
    desk.ledger.enqueue("Jonas", "The checkout says error 17 and nothing happens", minutesAgo(7));
    const auto other = desk.ledger.enqueue("Sofia", "Thanks!");
    const auto closed = desk.ledger.enqueue("Old friend", "Bye");
    for (const auto& id : {other, closed}) {
        (void)until([&] { return client->queue().find(id) != nullptr; });
        desk.ledger.assign(id, "alice", "Alice");
    }
    (void)until([&] { return client->conversations().rowCount() == 2; });
    desk.ledger.hangsUp(closed, "");
    desk.ledger.setClock(minutesAgo(4));
    const auto id = rehearse(desk, *client);
    auto* list = window.findChild<QListView*>("conversations");
    for (int row = 0; row < client->conversations().rowCount(); ++row) {
        if (client->conversations().at(row)->id() == id) {
            list->setCurrentIndex(client->conversations().index(row));
        }
    }
    desk.ledger.says(other, "One more question");
    desk.ledger.says(other, "Are you open on Sunday?");
    window.findChild<QTextEdit*>("composerText")->setPlainText("Of course, let me check");
    saved = saved && save(window, directory, "wide");
    window.resize(900, 600);
    saved = saved && save(window, directory, "medium");
    window.resize(560, 560);
    saved = saved && save(window, directory, "narrow");
    window.resize(1200, 760);
    list->setCurrentIndex(client->conversations().index(client->conversations().rowCount() - 1));
    saved = saved && save(window, directory, "closed");
    desk.broker.cutConnections();
    saved = saved && save(window, directory, "disconnected");

    SignInDialog dialog({}, {});
    dialog.show();
    dialog.submit();
    saved = saved && save(dialog, directory, "sign-in");
    return saved ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    if (argc != 2) {
        std::fprintf(stderr, "usage: agent_ui_portrait DIR\n");
        return 2;
    }
    if (qEnvironmentVariableIsSet("PARLOR_DARK")) {
        QApplication::setPalette(QPalette(QColor(40, 40, 40)));
    }
    App::dress();
    const int result = draw(QString::fromLocal8Bit(argv[1]));
    if (result != 0) std::fprintf(stderr, "agent_ui_portrait: could not draw everything\n");
    return result;
}
