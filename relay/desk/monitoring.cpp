#include "relay/desk/monitoring.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <sstream>
#include <utility>

namespace splitmx::relay::desk {

namespace asio = boost::asio;

namespace {

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

Monitoring::Monitoring(Grounds grounds)
    : grounds_(std::move(grounds)),
      pulse_(grounds_.main, grounds_.loops),
      supervisor_(grounds_.main, pulse_, [this](auto const& tell) { tell_status(tell); }) {}

mail::Result<std::unique_ptr<Monitoring>> Monitoring::open(Grounds grounds) {
    std::unique_ptr<Monitoring> monitoring(new Monitoring(std::move(grounds)));
    if (auto const done = monitoring->open_http(); !done) return done.error();
    return monitoring;
}

// As with the control socket: one that was asked for has to be there.
mail::Result<void> Monitoring::open_http() {
    auto const admin = grounds_.parts.settings()->config.admin;
    if (!admin.http || !grounds_.tally) return {};
    grounds_.keeper.follow([&tally = *grounds_.tally](Settings const& settings) {
        tally.set_known(known_names(*settings.table));
    });
    desk_ = std::make_unique<HttpDesk>(HttpDesk::Grounds{
        grounds_.main,
        grounds_.parts,
        grounds_.keeper,
        grounds_.listeners,
        grounds_.queue,
        pulse_,
        *grounds_.tally,
        grounds_.is_draining,
        grounds_.version});
    auto const address = asio::ip::make_address(admin.http->address.to_text());
    auto const handler = [this](http::Request request) {
        return desk_->answer(std::move(request));
    };
    auto opened = http::Server::open(grounds_.main, {address, admin.http->port}, handler, {});
    auto& log = grounds_.parts.log;
    if (opened) {
        http_ = std::move(*opened);
        log.info("http", "listening at " + http_endpoint());
        return {};
    }
    if (admin.http_chosen) return opened.error();
    log.warn("http", opened.error().what + "; monitoring cannot reach this relay");
    return {};
}

std::string Monitoring::http_endpoint() const {
    if (!http_) return {};
    std::ostringstream text;
    text << http_->endpoint();
    return text.str();
}

void Monitoring::start() {
    pulse_.start();
    supervisor_.start();
}

void Monitoring::stop() {
    if (http_) http_->stop();
    supervisor_.stop();
    pulse_.stop();
}

void Monitoring::tell_status(std::function<void(std::string)> const& tell) {
    if (!pulse_.is_beating()) return tell("A loop does not answer");
    if (grounds_.is_draining) return tell("Finishing what is in flight");
    grounds_.queue.snapshot([this, tell](QueueSnapshot const& snapshot) {
        asio::post(grounds_.main, [this, tell, totals = snapshot.totals] {
            tell(status_line(totals));
        });
    });
}

// For `systemctl status`.
std::string Monitoring::status_line(QueueTotals const& queue) const {
    std::size_t sessions = 0;
    for (auto const& view : grounds_.listeners.views()) sessions += view.sessions;
    auto line =
        counted(sessions, "client") + ", " + counted(queue.messages, "message") + " in the queue";
    if (queue.held > 0) line += fmt::format(" ({} held)", queue.held);
    for (auto const& [name, health] : grounds_.parts.settings()->directory.health()) {
        line += fmt::format("; directory {} {}", name, directory::to_text(health.state));
    }
    return line;
}

}  // namespace splitmx::relay::desk
