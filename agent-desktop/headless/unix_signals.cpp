#include "agent-desktop/headless/unix_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace parlor::agent {
namespace {

// Blocked, so that the descriptor gets them instead of the default action; threads started later
// inherit that.
int openDescriptor() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

}  // namespace

UnixSignals::UnixSignals(QObject* parent)
    : QObject(parent),
      descriptor_(openDescriptor()),
      notifier_(descriptor_, QSocketNotifier::Read) {
    connect(&notifier_, &QSocketNotifier::activated, this, [this] {
        signalfd_siginfo info{};
        if (::read(descriptor_, &info, sizeof info) > 0) Q_EMIT terminate();
    });
}

UnixSignals::~UnixSignals() {
    notifier_.setEnabled(false);
    ::close(descriptor_);
}

}  // namespace parlor::agent
