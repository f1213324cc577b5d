#include "bench/gateway/peers.h"

#include <unistd.h>

#include "bench/gateway/daemon.h"
#include "bench/gateway/parlor_on_broker.h"
#include "tests/support/free_port.h"

namespace parlor::bench {
namespace {

using Arguments = std::vector<std::string>;

class InProcess : public Peer {
 public:
    explicit InProcess(const Setup& setup) : port_(test::freePort()), host_(makeHost(setup)) {}

    Arguments loadArguments(std::size_t subscribers) override {
        const auto file = dir_.file("channels");
        openChannels(host_.address(), subscribers, file);
        return {"--dialect",   "parlor",
                "--subscribe", "127.0.0.1:" + std::to_string(port_),
                "--publish",   host_.address(),
                "--process",   host_.process(),
                "--channels",  file};
    }

 private:
    Daemon makeHost(const Setup& setup) const {
        const auto publishPort = test::freePort();  // it listens there last
        return {"host",
                {setup.programs + "/parlor-bench-host", "--port", std::to_string(port_),
                 "--publish-port", std::to_string(publishPort), "--key-file", writeKeys(dir_),
                 "--shards", std::to_string(setup.workers)},
                publishPort,
                dir_.file("host.log")};
    }

    const test::TempDir dir_;
    const std::uint16_t port_;
    Daemon host_;
};

// What all of Nchan's configurations share. Every client polls for as long as it likes; 64 messages
// a channel are kept, as many as a gateway's mailbox keeps.
std::string nginxConfig(const test::TempDir& dir, std::uint16_t port, unsigned workers,
                        const std::string& http, const std::string& store) {
    const std::string path = dir.path().string();
    std::string config = "load_module /usr/lib/nginx/modules/ngx_nchan_module.so;\n";
    if (::geteuid() == 0) config += "user root;\n";
    config += "daemon off;\npid " + path + "/nginx-" + std::to_string(port) + ".pid;\n";
    config += "worker_processes " + std::to_string(workers) +
              ";\nworker_rlimit_nofile 20000;\nerror_log stderr error;\n"
              "events { worker_connections 18000; }\n"
              "http {\n  access_log off;\n  tcp_nodelay on;\n"
              "  keepalive_requests 1000000000;\n  keepalive_timeout 600s;\n"
              "  nchan_shared_memory_size 512M;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        config += "  " + std::string(kind) + "_temp_path " + path + "/" + kind + ";\n";
    }
    config += http + "  server {\n    listen 127.0.0.1:" + std::to_string(port) +
              " reuseport backlog=4096;\n    nchan_channel_id $arg_id;\n"
              "    nchan_message_buffer_length 64;\n    nchan_message_timeout 600s;\n"
              "    location = /pub { nchan_publisher; " +
              store + "}\n    location = /sub { " + store +
              "nchan_subscriber; nchan_subscriber_first_message newest;"
              " nchan_subscriber_timeout 0; }\n  }\n}\n";
    return config;
}

Daemon makeNginx(const test::TempDir& dir, unsigned workers, const std::string& http,
                 const std::string& store) {
    const auto port = test::freePort();
    const auto name = "nginx-" + std::to_string(port);
    const auto config = dir.write(name + ".conf", nginxConfig(dir, port, workers, http, store));
    return {"nginx",
            {findProgram("nginx"), "-p", dir.path().string(), "-c", config, "-e", "stderr"},
            port,
            dir.file(name + ".log"),
            workers};
}

class InMemory : public Peer {
 public:
    explicit InMemory(const Setup& setup) : nginx_(makeNginx(dir_, setup.workers, "", "")) {}

    Arguments loadArguments(std::size_t) override {
        return {"--dialect", "nchan",          "--subscribe", nginx_.address(),
                "--publish", nginx_.address(), "--process",   nginx_.process()};
    }

 private:
    const test::TempDir dir_;
    Daemon nginx_;
};

class OnRedis : public Peer {
 public:
    explicit OnRedis(std::size_t replicas) : redis_(makeRedis()) {
        const auto upstream =
            "  upstream shared { nchan_redis_server redis://" + redis_.address() + "; }\n";
        for (std::size_t i = 0; i < replicas; ++i) {
            replicas_.emplace_back(
                new Daemon(makeNginx(dir_, 1, upstream, "nchan_redis_pass shared; ")));
        }
    }

    Arguments loadArguments(std::size_t) override {
        Arguments arguments{"--dialect", "nchan"};
        arguments.insert(arguments.end(), {"--process", redis_.process()});
        for (const auto& nginx : replicas_) {
            arguments.insert(arguments.end(), {"--subscribe", nginx->address(), "--publish",
                                               nginx->address(), "--process", nginx->process()});
        }
        return arguments;
    }

 private:
    // Nothing is written to disk, as with Mosquitto.
    Daemon makeRedis() const {
        const auto port = test::freePort();
        return {"redis",
                {findProgram("redis-server"), "--port", std::to_string(port), "--bind", "127.0.0.1",
                 "--save", "", "--appendonly", "no", "--dir", dir_.path().string()},
                port,
                dir_.file("redis.log")};
    }

    const test::TempDir dir_;
    Daemon redis_;
    std::vector<std::unique_ptr<Daemon>> replicas_;
};

class Limit : public Peer {
 public:
    explicit Limit(const Setup& setup) : server_(makeServer(setup)) {}

    Arguments loadArguments(std::size_t) override {
        return {"--dialect", "limit",           "--subscribe", server_.address(),
                "--publish", server_.address(), "--process",   server_.process()};
    }

 private:
    Daemon makeServer(const Setup& setup) const {
        const auto port = test::freePort();
        return {"limit",
                {setup.programs + "/parlor-bench-limit", "--port", std::to_string(port),
                 "--threads", std::to_string(setup.workers)},
                port,
                dir_.file("limit.log")};
    }

    const test::TempDir dir_;
    Daemon server_;
};

}  // namespace

PeerKind parlorInProcess() {
    return {"parlor", [](const Setup& setup) { return std::make_unique<InProcess>(setup); }};
}

PeerKind parlorOnBroker(std::size_t replicas) {
    return {"parlor+mosquitto",
            [=](const Setup& setup) { return std::make_unique<ParlorOnBroker>(setup, replicas); }};
}

PeerKind nchanInMemory() {
    return {"nchan", [](const Setup& setup) { return std::make_unique<InMemory>(setup); }};
}

PeerKind nchanOnRedis(std::size_t replicas) {
    return {"nchan+redis", [=](const Setup&) { return std::make_unique<OnRedis>(replicas); }};
}

PeerKind epollLimit() {
    return {"limit", [](const Setup& setup) { return std::make_unique<Limit>(setup); }};
}

}  // namespace parlor::bench
