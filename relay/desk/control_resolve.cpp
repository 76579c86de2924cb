// `splitmx resolve` answered by the running relay: its routing table, its directories as they are
// now. Printed here, by the code that `--offline` prints with, so that both say the same. And what
// it runs by, for tools that compare it with something else.
#include "config/show.hpp"
#include "directory/decide.hpp"
#include "relay/desk/control_desk.hpp"
#include "relay/desk/hop_text.hpp"
#include "relay/hop.hpp"
#include "relay/on_main.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/asking.hpp"
#include "control/decision_text.hpp"
#include "control/near_addresses.hpp"

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

constexpr std::size_t most_unknown = 3;  // of one question, whose neighbours are looked for

// What was looked for and not found, after all reroutes.
std::optional<mail::Mailbox> not_found(resolver::Decision const& decision) {
    if (decision.reason != mail::Reason::unknown_recipient) return std::nullopt;
    for (auto step = decision.trace.rbegin(); step != decision.trace.rend(); ++step) {
        if (step->rule != resolver::Rule::directory_none) continue;
        auto mailbox = mail::Mailbox::parse_long(step->subject);
        if (mailbox) return std::move(*mailbox);
    }
    return std::nullopt;
}

std::string near_text(SettingsPtr const& settings, mail::Mailbox const& unknown) {
    control::NearAddresses near(unknown);
    for (auto const& directory : settings->config.directories) {
        auto const source = settings->directory.source(directory.name);
        for (std::size_t part = 0; source && part < source->parts(); ++part) {
            for (auto const& one : source->part(part)) near.look_at(*one.recipient);
        }
    }
    auto const& found = near.found();
    if (found.empty()) return {};
    return control::explanation_line("near", fmt::format("{}", fmt::join(found, ", ")));
}

}  // namespace

// Looks through whole copies: on the pool for such waits, never for a program's list.
asio::awaitable<std::vector<std::string>> ControlDesk::near_texts(
    SettingsPtr settings, std::vector<mail::Mailbox> unknown
) {
    using Texts = std::vector<std::string>;
    auto const arrival = std::make_shared<Arrival<Texts>>();
    auto const give = giver_to(grounds_.main, arrival);
    asio::post(grounds_.parts.disk, [settings, unknown, give] {
        Texts texts;
        for (auto const& one : unknown) texts.push_back(near_text(settings, one));
        give(std::move(texts));
    });
    co_return co_await arrival->wait();
}

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
    std::vector<mail::Mailbox> unknown;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; format == control::Format::explanation && i < decisions.size(); ++i) {
        auto mailbox = not_found(decisions[i]);
        if (!mailbox || unknown.size() >= most_unknown) continue;
        unknown.push_back(std::move(*mailbox));
        places.push_back(i);
    }
    std::vector<std::string> near(decisions.size());
    if (!unknown.empty()) {
        auto texts = co_await near_texts(settings, std::move(unknown));
        for (std::size_t i = 0; i < places.size(); ++i) near[places[i]] = std::move(texts[i]);
    }
    auto const state_of = [&](resolver::Host const& host) {
        return grounds_.parts.hosts.state(hop_of(host, *settings->table));
    };
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        json::object row;
        auto text = control::print(addresses[i], decisions[i], health, format);
        if (format == control::Format::explanation) {
            text += hop_lines(decisions[i], state_of, std::chrono::steady_clock::now()) + near[i];
        }
        row["text"] = std::move(text);
        row["exit"] = control::exit_code_of(decisions[i]);
        bool const open = co_await session.row(std::move(row));
        if (!open) co_return false;
    }
    json::object end;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
