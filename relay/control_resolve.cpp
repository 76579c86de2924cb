// `splitmx resolve` answered by the running relay: its routing table, its directories as they are
// now. Printed here, by the code that `--offline` prints with, so that both say the same. And what
// it runs by, for tools that compare it with something else.
#include "config/show.hpp"
#include "directory/decide.hpp"
#include "relay/control_desk.hpp"

#include "control/asking.hpp"

namespace splitmx::relay {

namespace asio = boost::asio;
namespace json = control::json;

asio::awaitable<bool> ControlDesk::show_config(ControlSession& session, json::object const&) {
    auto const settings = grounds_.parts.settings();
    auto const& config = settings->config;
    config::ShowOptions only_what_is_set;
    only_what_is_set.set_only = true;
    json::object answer;
    answer["file"] = config.file.string();
    answer["hash"] = config.hash;
    answer["text"] = control::octets_to_text(config::effective_text(config, only_what_is_set));
    co_return co_await session.done(std::move(answer));
}

asio::awaitable<bool> ControlDesk::resolve(ControlSession& session, json::object const& arguments) {
    auto const asker = control::read_asker(control::read_flags(arguments));
    if (!asker) co_return co_await session.fail(64, asker.error().what);
    auto const settings = grounds_.parts.settings();
    auto const addresses = control::texts_of(arguments, "addresses");
    auto const format = control::read_format(arguments);
    control::Batch batch(addresses, *asker);
    auto queries = batch.take_queries();
    auto decided =
        co_await directory::decide(settings->directory, settings->table, std::move(queries));
    auto const decisions = batch.finish(std::move(decided));
    auto const health = settings->directory.overall_health();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        json::object row;
        row["text"] = control::print(addresses[i], decisions[i], health, format);
        row["exit"] = control::exit_code_of(decisions[i]);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay
