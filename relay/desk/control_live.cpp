// What happens, as it happens, through the control socket: until the client goes away, or what it
// asked for is over.
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"
#include "relay/live_feed.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/record_json.hpp"

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

// A client that is gone is noticed by writing to it.
constexpr std::chrono::seconds sign_of_life{5};

mail::Result<LiveFilter> read_filter(json::object const& arguments) {
    LiveFilter filter;
    filter.from = control::text_of(arguments, "from");
    filter.to = control::text_of(arguments, "to");
    filter.host = control::text_of(arguments, "host");
    filter.dialogue = control::flag_of(arguments, "smtp");
    filter.one = control::flag_of(arguments, "one");
    auto const client = control::text_of(arguments, "client");
    if (client.empty()) return filter;
    auto network = mail::Network::parse(client);
    if (!network) return network.error();
    filter.client = std::move(*network);
    return filter;
}

struct RowOf {
    json::object operator()(LiveRecord const& item) const {
        return json::object{{"record", control::to_wire(item.record)}};
    }
    json::object operator()(LiveLine const& line) const {
        json::object row;
        row["session"] = line.session;
        row["client"] = line.client.to_text();
        row["by_client"] = line.is_by_client;
        row["text"] = control::octets_to_text(line.text);
        row["at_ms"] =
            std::chrono::duration_cast<std::chrono::milliseconds>(line.at.time_since_epoch())
                .count();
        row["follows_gap"] = line.follows_gap;
        return json::object{{"line", std::move(row)}};
    }
    json::object operator()(LiveEnd const&) const { return {}; }
};

// The timer is the main loop's; news come from any thread.
struct Bell {
    explicit Bell(asio::io_context& main) : timer(main) {}
    asio::steady_timer timer;
};

std::function<void()> ring(asio::io_context& main, std::shared_ptr<Bell> const& bell) {
    return [&main, bell] { asio::post(main, [bell] { bell->timer.cancel(); }); };
}

}  // namespace

asio::awaitable<bool> ControlDesk::trace_live(
    ControlSession& session, json::object const& arguments
) {
    auto filter = read_filter(arguments);
    if (!filter) co_return co_await session.fail(exit_usage, filter.error().what);
    auto const bell = std::make_shared<Bell>(grounds_.main);
    auto const watched =
        grounds_.parts.live.subscribe(std::move(*filter), ring(grounds_.main, bell));
    // The client knows by it that nothing is missed from now on.
    json::object started;
    bool open = co_await session.row(std::move(started));
    while (open) {
        open = co_await session.flush();
        auto const news = watched->take();
        if (open && news.missed > 0) {
            json::object missed;
            missed["missed"] = news.missed;
            open = co_await session.row(std::move(missed));
        }
        for (auto const& item : news.items) {
            if (!open) break;
            auto row = std::visit(RowOf(), item);
            open = co_await session.row(std::move(row));
        }
        if (!open || news.is_over) break;
        if (!news.items.empty() || news.missed > 0) continue;
        bell->timer.expires_after(sign_of_life);
        auto const [rung] = co_await bell->timer.async_wait(as_result);
        if (rung) continue;
        json::object alive;
        open = co_await session.row(std::move(alive));
    }
    if (!open) co_return false;
    json::object end;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
