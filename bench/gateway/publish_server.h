#pragma once

// Publishing by HTTP, as Nchan has it, in front of a StandIn; one thread.
//
//     POST /pub?id=CONVERSATION     201; its body becomes the text of the conversation's next
//     message GET /tokens?count=N           opens N conversations: a line "id token cursor" each

#include <map>
#include <memory>
#include <string>

#include "bench/gateway/poller.h"
#include "bench/gateway/request_view.h"
#include "bench/gateway/stand_in.h"
#include "gateway/session/token.h"

namespace parlor::bench {

class PublishServer {
 public:
    // Listens on 127.0.0.1; several may, at one port. `standIn` must outlive it. Throws
    // std::system_error.
    PublishServer(std::uint16_t port, StandIn& standIn, SiteId site, const std::string& keyFile);
    ~PublishServer();
    PublishServer(const PublishServer&) = delete;
    PublishServer& operator=(const PublishServer&) = delete;

    // Serves until `signals` (a signalfd) has one. Throws what StandIn::open() throws.
    void run(int signals);
    // For a loop that has more to do: turn() when fd() is readable.
    int fd() const { return poller_.fd(); }
    void turn() { poller_.runOnce(Clock::now()); }

 private:
    class Connection;
    class Door;

    void accept();
    void drop(Connection& connection);
    std::string answer(const RequestView& request);
    std::string tokens(std::size_t count);

    StandIn& standIn_;
    const SiteId site_;
    gateway::Stats stats_;
    gateway::Tokens tokens_;
    Poller poller_;
    Fd listener_;
    std::unique_ptr<Door> door_;
    std::map<Connection*, std::unique_ptr<Connection>> connections_;
};

// Blocks SIGTERM and SIGINT in this thread, and those it starts, and gives a signalfd for them.
Fd blockSignals();

}  // namespace parlor::bench
