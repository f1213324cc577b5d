#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace parlor::agent {

// SIGTERM and SIGINT as a Qt signal, so that the agent signs out properly. One per process.
class UnixSignals : public QObject {
    Q_OBJECT

 public:
    explicit UnixSignals(QObject* parent = nullptr);
    ~UnixSignals() override;

 Q_SIGNALS:
    void terminate();

 private:
    int descriptor_;
    QSocketNotifier notifier_;
};

}  // namespace parlor::agent
