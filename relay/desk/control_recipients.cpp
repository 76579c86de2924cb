// All recipients that the copies hold, through the control socket: part by part, so that a long
// list costs little memory and a slow reader holds up nobody.
#include "relay/desk/control_desk.hpp"
#include "relay/desk/exit_codes.hpp"
#include "relay/on_main.hpp"
#include "schema/search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "control/recipient_json.hpp"

namespace splitmx::relay::desk {

namespace asio = boost::asio;
namespace json = control::json;

namespace {

using Listed = std::vector<schema::ListedRecipient>;
using SourcePtr = std::shared_ptr<directory::Source const>;

// A file has no copy that counts them.
std::uint64_t recipients_of(directory::Source const& source, directory::Health const& health) {
    if (health.copy) return health.copy->counts.recipients();
    std::uint64_t sum = 0;
    for (std::size_t part = 0; part < source.parts(); ++part) sum += source.part(part).size();
    return sum;
}

json::object source_object(directory::Source const& source) {
    auto const health = source.health();
    json::object about;
    about["name"] = source.name();
    about["state"] = directory::to_text(health.state);
    about["age_s"] = health.age_s;
    about["others"] = health.copy ? health.copy->counts.others : 0;
    about["recipients"] = recipients_of(source, health);
    json::object row;
    row["source"] = std::move(about);
    return row;
}

Listed read_part(directory::Source const& source, std::size_t number, std::string const& text) {
    auto listed = source.part(number);
    if (text.empty()) return listed;
    schema::SearchText const wanted(text);
    std::erase_if(listed, [&](schema::ListedRecipient const& one) { return !wanted.matches(one); });
    return listed;
}

}  // namespace

asio::awaitable<bool> ControlDesk::list_recipients(
    ControlSession& session, json::object const& arguments
) {
    std::vector<SourcePtr> sources;
    std::string hash;
    {
        auto const settings = grounds_.parts.settings();
        hash = settings->config.hash;
        for (auto const& directory : settings->config.directories) {
            if (auto source = settings->directory.source(directory.name)) {
                sources.push_back(std::move(source));
            }
        }
    }
    for (auto const& source : sources) {
        if (source->parts() > 0) continue;
        auto text = fmt::format(
            "directory \"{}\" has no complete copy ({})",
            source->name(),
            directory::to_text(source->health().state)
        );
        co_return co_await session.fail(exit_unavailable, std::move(text));
    }
    auto const text = control::text_of(arguments, "text");
    for (auto const& source : sources) {
        // Whatever becomes of it meanwhile, the list is whole.
        auto const parts = std::max<std::size_t>(source->parts(), 1);
        auto about = source_object(*source);
        bool open = co_await session.row(std::move(about));
        for (std::size_t number = 0; open && number < parts; ++number) {
            auto const arrival = std::make_shared<Arrival<Listed>>();
            auto const give = giver_to(grounds_.main, arrival);
            asio::post(grounds_.parts.disk, [source, number, text, give] {
                give(read_part(*source, number, text));
            });
            auto const listed = co_await arrival->wait();
            for (auto const& one : listed) {
                auto row = control::to_wire(one);
                open = co_await session.row(std::move(row));
                if (!open) break;
            }
        }
        if (!open) co_return false;
    }
    json::object end;
    end["hash"] = hash;
    co_return co_await session.done(std::move(end));
}

}  // namespace splitmx::relay::desk
