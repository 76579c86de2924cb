// The queue through the control socket: lists in pages, so that a long one costs little memory and
// a slow reader holds nothing of the spool; changes one message after the other.
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"
#include "relay/desk/foretell.hpp"
#include "relay/on_main.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

constexpr std::size_t page = 200;
constexpr std::size_t ids_a_line = 50;  // of the audit log

using Ids = std::vector<spool::SpoolId>;

// On the wire a row is the object that scripts get.
json::object wire_form(queue::Row const& row) {
    return std::move(json::parse(queue::to_json(row)).as_object());
}

std::vector<queue::Row> damaged_rows(
    spool::StoreReader const& store, queue::Filter const& filter, mail::Instant now
) {
    std::vector<queue::Row> rows;
    auto const visit = [&](spool::DamagedMessage const& message) {
        auto row = queue::make_row(message);
        if (queue::matches(filter, row, now)) rows.push_back(std::move(row));
    };
    // What cannot be read at all is in the log.
    (void)store.for_each_damaged(visit);
    return rows;
}

// The ids that fit, oldest first. With ids given, only those are looked at.
Ids matching_ids(Parts const& parts, queue::Filter filter, mail::Instant now) {
    Ids ids;
    auto const& store = parts.store;
    auto const given = std::exchange(filter.ids, {});
    auto const done = parts.spool.done();
    auto const visit = [&](spool::SpoolId id, spool::Result<spool::QueueItem> const& item) {
        if (done.contains(id)) return;
        if (item && queue::matches(filter, queue::make_row(*item, false), now)) ids.push_back(id);
    };
    for (auto const id : given) visit(id, store.read(id));
    if (given.empty()) (void)store.for_each(visit);
    return ids;
}

mail::Instant now() { return std::chrono::system_clock::now(); }

bool acts(OperationAnswer const& answer) {
    return answer.result == OperationResult::done || answer.result == OperationResult::in_delivery;
}

}  // namespace

asio::awaitable<Ids> ControlDesk::find(queue::Filter filter) {
    auto const arrival = std::make_shared<Arrival<Ids>>();
    auto const give = giver_to(grounds_.main, arrival);
    asio::post(
        grounds_.parts.disk,
        [&parts = grounds_.parts, filter = std::move(filter), give] {
            give(matching_ids(parts, filter, now()));
        }
    );
    co_return co_await arrival->wait();
}

asio::awaitable<bool> ControlDesk::list_queue(
    ControlSession& session, json::object const& arguments
) {
    auto const filter = control::read_filter(arguments);
    if (!filter) co_return co_await session.fail(exit_data, filter.error().what);
    auto const settings = grounds_.parts.settings();
    auto const queued = co_await snapshot();
    std::unordered_set<spool::SpoolId> const active(
        queued.in_delivery.begin(), queued.in_delivery.end()
    );
    auto const ids = co_await find(*filter);
    if (auto wrong = ids.empty() ? wrong_host(*filter, *settings->table) : std::nullopt) {
        co_return co_await session.fail(exit_unknown_host, std::move(*wrong));
    }
    for (std::size_t first = 0; first < ids.size(); first += page) {
        auto const begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
        auto const count = std::min(page, ids.size() - first);
        Ids wanted(begin, begin + static_cast<std::ptrdiff_t>(count));
        auto const items = co_await read(std::move(wanted));
        for (auto const& item : items) {
            auto row = wire_form(queue::make_row(item, active.contains(item.id)));
            bool const open = co_await session.row(std::move(row));
            if (!open) co_return false;
        }
    }
    auto const damaged = damaged_rows(grounds_.parts.store, *filter, now());
    for (auto const& one : damaged) {
        auto row = wire_form(one);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    end["complete"] = queued.totals.complete;
    co_return co_await session.done(std::move(end));
}

asio::awaitable<bool> ControlDesk::show_message(
    ControlSession& session, json::object const& arguments
) {
    auto const id = spool::SpoolId::parse(control::text_of(arguments, "id"));
    if (!id) co_return co_await session.fail(exit_data, "that is no id of a message");
    auto const queued = co_await snapshot();
    auto const& active = queued.in_delivery;
    Ids wanted(1, *id);
    auto const items = co_await read(std::move(wanted));
    if (!items.empty()) {
        bool const is_active = std::find(active.begin(), active.end(), *id) != active.end();
        auto row = wire_form(queue::make_row(items.front(), is_active));
        co_return co_await session.done(std::move(row));
    }
    queue::Filter only;
    only.ids.push_back(*id);
    auto const damaged = damaged_rows(grounds_.parts.store, only, now());
    if (!damaged.empty()) {
        auto row = wire_form(damaged.front());
        co_return co_await session.done(std::move(row));
    }
    auto text = fmt::format("there is no message {}", id->to_text());
    co_return co_await session.fail(exit_data, std::move(text));
}

asio::awaitable<bool> ControlDesk::export_message(
    ControlSession& session, json::object const& arguments
) {
    auto const id = spool::SpoolId::parse(control::text_of(arguments, "id"));
    if (!id) co_return co_await session.fail(exit_data, "that is no id of a message");
    auto const& store = grounds_.parts.store;
    auto body = store.open_body(*id);
    bool const is_damaged = !body && body.error().code != spool::Errc::io;
    if (is_damaged) body = store.open_damaged_body(*id);
    if (!body) {
        bool const missing = body.error().code == spool::Errc::not_found;
        auto text =
            missing ? fmt::format("there is no message {}", id->to_text()) : body.error().what;
        co_return co_await session.fail(missing ? exit_data : exit_io, std::move(text));
    }
    for (;;) {
        auto const chunk = body->next();
        if (!chunk) co_return co_await session.fail(exit_io, chunk.error().what);
        if (chunk->empty()) break;
        json::object row;
        row["octets"] = control::octets_to_text(*chunk);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    end["damaged"] = is_damaged;
    co_return co_await session.done(std::move(end));
}

asio::awaitable<bool> ControlDesk::change_queue(
    ControlSession& session, json::object const& arguments
) {
    auto const filter = control::read_filter(arguments);
    if (!filter) co_return co_await session.fail(exit_data, filter.error().what);
    auto const operation = operation_of(arguments, *filter, session.peer().name);
    if (!operation) co_return co_await session.fail(exit_usage, "there is no such operation");
    auto const settings = grounds_.parts.settings();
    if (auto wrong = wrong_host(*operation, *settings->table)) {
        co_return co_await session.fail(exit_unknown_host, std::move(*wrong));
    }
    bool const dry_run = control::flag_of(arguments, "dry_run");
    auto const ids = co_await find(*filter);
    if (auto wrong = ids.empty() ? wrong_host(*filter, *settings->table) : std::nullopt) {
        co_return co_await session.fail(exit_unknown_host, std::move(*wrong));
    }
    std::vector<std::string> hit;
    std::set<std::string> hops;
    std::size_t failed = 0;
    for (auto const id : ids) {
        Ids wanted(1, id);
        auto const items = co_await read(std::move(wanted));
        if (items.empty()) continue;
        auto answer = foretell(*operation, items.front(), *settings->table, now());
        if (!answer) continue;
        auto row = wire_form(queue::make_row(items.front(), false));
        if (dry_run) add_hops(hops, *operation, items.front(), *settings->table);
        if (!dry_run) {
            auto const arrival = std::make_shared<Arrival<OperationAnswer>>();
            grounds_.queue.apply(id, *operation, giver_to(grounds_.main, arrival));
            answer = co_await arrival->wait();
            if (acts(*answer)) hit.push_back(id.to_text());
            if (answer->result == OperationResult::not_written) ++failed;
        }
        add_answer(row, *answer);
        // The client may be gone; what it asked for is done and logged all the same.
        (void)co_await session.row(std::move(row));
    }
    if (!dry_run) {
        auto const verb = "queue " + control::text_of(arguments, "operation");
        auto what = control::to_text(*filter);
        if (auto const host = control::text_of(arguments, "to_host"); !host.empty()) {
            what += " to " + host;
        }
        audit_hits(session.peer(), verb, what, hit);
    }
    json::object end;
    end["hosts"] = hosts_object(hops, *settings->table);
    end["not_written"] = failed;
    co_return co_await session.done(std::move(end));
}

// Long lists are told in several lines, none of them cut short.
void ControlDesk::audit_hits(
    ControlPeer const& peer,
    std::string const& verb,
    std::string const& what,
    std::vector<std::string> const& ids
) {
    for (std::size_t first = 0; first == 0 || first < ids.size(); first += ids_a_line) {
        auto const begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
        auto const count = std::min(ids_a_line, ids.size() - first);
        auto const end = begin + static_cast<std::ptrdiff_t>(count);
        audit(peer, verb, what, fmt::format("hit {}: {}", ids.size(), fmt::join(begin, end, " ")));
    }
}

}  // namespace splitmx::relay::desk
