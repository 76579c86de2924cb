#include "relay/desk/control_desk.hpp"

#include "relay/on_main.hpp"

#include <fmt/format.h>

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

std::vector<ControlDesk::Named> const ControlDesk::verbs{
    {"status", &ControlDesk::status},
    {"reload", &ControlDesk::reload},
    {"config.show", &ControlDesk::show_config},
    {"resolve", &ControlDesk::resolve},
    {"queue.list", &ControlDesk::list_queue},
    {"queue.show", &ControlDesk::show_message},
    {"queue.export", &ControlDesk::export_message},
    {"queue.change", &ControlDesk::change_queue},
    {"host.list", &ControlDesk::list_hosts},
    {"host.pause", &ControlDesk::pause_host},
    {"host.resume", &ControlDesk::resume_host},
    {"directory.status", &ControlDesk::directory_status},
    {"directory.sync", &ControlDesk::read_directory_again},
    {"directory.accept", &ControlDesk::accept_removals},
    {"directory.x500", &ControlDesk::list_unfound_x500},
    {"log.level", &ControlDesk::log_level},
    {"directory.list", &ControlDesk::list_recipients},
    {"trace.live", &ControlDesk::trace_live},
};

ControlDesk::ControlDesk(Grounds grounds)
    : grounds_(std::move(grounds)),
      log_level_(grounds_.main, grounds_.parts.log),
      started_(std::chrono::system_clock::now()) {}

asio::awaitable<bool> ControlDesk::answer(
    ControlSession& session, control::Request const& request
) {
    for (auto const& [name, verb] : verbs) {
        if (request.verb == name) co_return co_await (this->*verb)(session, request.arguments);
    }
    auto text = fmt::format("this splitmxd ({}) knows no such request", grounds_.version);
    co_return co_await session.fail(64, std::move(text));
}

asio::awaitable<QueueSnapshot> ControlDesk::snapshot() {
    auto const arrival = std::make_shared<Arrival<QueueSnapshot>>();
    grounds_.queue.snapshot(giver_to(grounds_.main, arrival));
    co_return co_await arrival->wait();
}

asio::awaitable<std::vector<spool::QueueItem>> ControlDesk::read(std::vector<spool::SpoolId> ids) {
    using Items = std::vector<spool::QueueItem>;
    auto const arrival = std::make_shared<Arrival<Items>>();
    auto const give = giver_to(grounds_.main, arrival);
    asio::post(grounds_.parts.disk, [&parts = grounds_.parts, ids = std::move(ids), give] {
        Items items;
        auto const done = parts.spool.done();
        for (auto const id : ids) {
            if (done.contains(id)) continue;
            if (auto item = parts.store.read(id)) items.push_back(std::move(*item));
        }
        give(std::move(items));
    });
    co_return co_await arrival->wait();
}

void ControlDesk::audit(
    ControlPeer const& peer, std::string verb, std::string what, std::string result
) {
    grounds_.parts.log.write(observe::AdminAction{
        peer.name,
        static_cast<std::uint32_t>(peer.uid),
        static_cast<std::int32_t>(peer.pid),
        std::move(verb),
        std::move(what),
        std::move(result)});
}

}  // namespace splitmx::relay::desk
