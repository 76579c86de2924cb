// `splitmx resolve` answered by the running relay: its routing table, its directories as they are
// now. Printed here, by the code that `--offline` prints with, so that both say the same.
#include "directory/decide.hpp"
#include "relay/control_desk.hpp"

#include "control/asking.hpp"

namespace splitmx::relay {

namespace asio = boost::asio;
namespace json = control::json;

asio::awaitable<bool> ControlDesk::resolve(ControlSession& session, json::object const& arguments) {
    auto const asker = control::read_asker(control::read_flags(arguments));
    if (!asker) co_return co_await session.fail(64, asker.error().what);
    auto const settings = grounds_.parts.settings();
    auto const addresses = control::texts_of(arguments, "addresses");
    auto const format = control::read_format(arguments);
    std::vector<std::optional<resolver::Decision>> decisions(addresses.size());
    std::vector<resolver::Query> queries;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        auto const path = mail::ForwardPath::parse(addresses[i]);
        if (path) {
            queries.push_back({*path, asker->from, asker->client, false});
            places.push_back(i);
        } else {
            decisions[i] = resolver::refuse_bad_address(addresses[i], path.error().what);
        }
    }
    auto decided =
        co_await directory::decide(settings->directory, settings->table, std::move(queries));
    for (std::size_t i = 0; i < places.size(); ++i) decisions[places[i]] = std::move(decided[i]);
    auto const health = settings->directory.overall_health();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        json::object row;
        row["text"] = control::print(addresses[i], *decisions[i], health, format);
        row["exit"] = control::exit_code_of(*decisions[i]);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay
