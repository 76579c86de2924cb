// X500 addresses that somebody wrote to and no entry has, through the control socket.
#include "relay/desk/control_desk.hpp"
#include "relay/unfound_x500.hpp"

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

json::object row_of(UnfoundX500::Name const& name) {
    json::object row;
    row["x500"] = mail::to_log_text(name.x500);
    row["address"] = mail::to_log_text(name.address);
    row["count"] = name.count;
    row["first"] = mail::to_seconds(name.first);
    row["last"] = mail::to_seconds(name.last);
    return row;
}

}  // namespace

asio::awaitable<bool> ControlDesk::list_unfound_x500(
    ControlSession& session, json::object const& /*arguments*/
) {
    auto const list = grounds_.unfound_x500.list();
    for (auto const& name : list.names) {
        auto row = row_of(name);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    end["now"] = mail::to_seconds(std::chrono::system_clock::now());
    end["since"] = mail::to_seconds(list.since);
    end["unlisted"] = list.unlisted;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
