#include "relay/desk/http_desk.hpp"

#include "observe/exposition.hpp"
#include "relay/desk/health_page.hpp"
#include "relay/desk/metrics_page.hpp"
#include "relay/on_main.hpp"
#include "relay/pressure.hpp"

#include <utility>

namespace splitmx::relay::desk {

namespace asio = boost::asio;

HttpDesk::HttpDesk(Grounds grounds)
    : grounds_(std::move(grounds)), started_(std::chrono::system_clock::now()) {}

asio::awaitable<http::Response> HttpDesk::answer(http::Request request) {
    if (request.path == "/metrics") co_return co_await metrics();
    if (request.path == "/livez") co_return livez(facts());
    if (request.path == "/readyz") co_return readyz(facts());
    http::Response response;
    response.status = request.path == "/" ? 200 : 404;
    response.type = "text/plain; charset=utf-8";
    response.body = "splitmxd " + grounds_.version + "\n/metrics  /livez  /readyz\n";
    co_return response;
}

// A loop that is stuck would never tell of its queue: then the page goes without.
asio::awaitable<http::Response> HttpDesk::metrics() {
    auto gathered = facts();
    gathered.sums = grounds_.tally.sum();
    gathered.resolved_from_memory = grounds_.parts.meters.resolved_from_memory.sum();
    gathered.resolved_by_asking = grounds_.parts.meters.resolved_by_asking.sum();
    if (gathered.loops_turn) {
        auto const arrival = std::make_shared<Arrival<QueueSnapshot>>();
        grounds_.queue.snapshot(giver_to(grounds_.main, arrival));
        gathered.queue = co_await arrival->wait();
    }
    http::Response response;
    response.type = observe::exposition_type;
    response.body = metrics_page(gathered);
    co_return response;
}

Facts HttpDesk::facts() const {
    auto const settings = grounds_.parts.settings();
    auto const pressure = pressure_on(grounds_.parts);
    Facts facts;
    facts.version = grounds_.version;
    facts.now = std::chrono::system_clock::now();
    facts.started = started_;
    facts.is_draining = grounds_.is_draining;
    facts.loops_turn = grounds_.pulse.is_beating();
    facts.listeners = grounds_.listeners.views();
    facts.directories = settings->directory.health();
    facts.spool = grounds_.parts.store.usage();
    facts.disk_left = pressure.disk_left;
    facts.pressure = too_much(pressure, settings->config.queue, settings->config.spool);
    facts.generation = settings->generation;
    facts.last_reload = grounds_.keeper.last_reload();
    for (auto const& [name, host] : settings->table->hosts) facts.known_hosts.insert(name);
    return facts;
}

observe::KnownNames known_names(resolver::RoutingTable const& table) {
    observe::KnownNames known;
    for (auto const& rule : table.acceptance.rules()) known.domains.insert(rule.pattern.to_text());
    for (auto const& rule : table.delivery.rules()) known.domains.insert(rule.pattern.to_text());
    for (auto const& [name, host] : table.hosts) known.hosts.insert(name);
    return known;
}

}  // namespace splitmx::relay::desk
