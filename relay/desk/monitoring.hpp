// What watches the relay from outside and asks how it is: monitoring over HTTP ([admin] http), and
// the supervisor that started it. Threads: the main loop's. Ownership: refers to parts of the
// service, which outlive it; whatever still waits ends with the main loop. Errors: open() tells why
// an address that was asked for cannot be had; by default, the relay does without and says so in
// the log.
#pragma once

#include "relay/desk/http_desk.hpp"
#include "relay/pulse.hpp"
#include "relay/supervisor.hpp"

#include <memory>
#include <string>
#include <vector>

namespace splitmx::relay::desk {

class Monitoring {
public:
    struct Grounds {
        boost::asio::io_context& main;
        Parts& parts;
        SettingsKeeper& keeper;
        Listeners& listeners;
        QueueService& queue;
        std::vector<boost::asio::io_context*> loops;
        observe::Tally* tally;  // null: the configuration has no HTTP
        bool const& is_draining;
        std::string version;
    };

    static mail::Result<std::unique_ptr<Monitoring>> open(Grounds grounds);

    std::string http_endpoint() const;  // empty: there is none
    void start();
    void stop();

private:
    explicit Monitoring(Grounds grounds);
    mail::Result<void> open_http();
    void tell_status(std::function<void(std::string)> const& tell);
    std::string status_line(QueueTotals const& queue) const;

    Grounds grounds_;
    Pulse pulse_;
    Supervisor supervisor_;
    std::unique_ptr<HttpDesk> desk_;
    std::unique_ptr<http::Server> http_;
};

}  // namespace splitmx::relay::desk
