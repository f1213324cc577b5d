#include "ledger/app/health_server.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>

namespace parlor::ledger {
namespace {

using Poco::Net::HTTPResponse;

constexpr int kTimeoutSeconds = 5;

class Handler final : public Poco::Net::HTTPRequestHandler {
 public:
    explicit Handler(const HealthServer::Sources& sources) : sources_(sources) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        const std::string path = request.getURI().substr(0, request.getURI().find('?'));
        if (request.getMethod() != "GET" && request.getMethod() != "HEAD") {
            send(response, HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "only GET\n");
        } else if (path == "/healthz") {
            send(response, HTTPResponse::HTTP_OK, "ok\n");
        } else if (path == "/readyz") {
            const std::string why = sources_.notReady();
            if (why.empty()) {
                send(response, HTTPResponse::HTTP_OK, "ready\n");
            } else {
                send(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE, why + "\n");
            }
        } else if (path == "/metrics") {
            send(response, HTTPResponse::HTTP_OK, sources_.metrics());
        } else {
            send(response, HTTPResponse::HTTP_NOT_FOUND, "no such page\n");
        }
    }

 private:
    static void send(Poco::Net::HTTPServerResponse& response, HTTPResponse::HTTPStatus status,
                     const std::string& body) {
        response.setStatusAndReason(status);
        response.setContentType("text/plain; version=0.0.4; charset=utf-8");
        response.sendBuffer(body.data(), body.size());
    }

    const HealthServer::Sources& sources_;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
 public:
    explicit Factory(HealthServer::Sources sources) : sources_(std::move(sources)) {}

    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest& /*request*/) override {
        return new Handler(sources_);  // the server deletes it
    }

 private:
    const HealthServer::Sources sources_;
};

}  // namespace

HealthServer::HealthServer(const HealthConfig& config, Sources sources) {
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(2);
    params->setMaxQueued(32);
    params->setTimeout(Poco::Timespan(kTimeoutSeconds, 0));
    params->setKeepAlive(false);
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress(config.host, config.port));
    server_ =
        std::make_unique<Poco::Net::HTTPServer>(new Factory(std::move(sources)), socket, params);
    server_->start();
}

HealthServer::~HealthServer() { server_->stopAll(true); }

std::string HealthServer::address() const { return server_->socket().address().toString(); }

}  // namespace parlor::ledger
