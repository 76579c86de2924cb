// The running relay's people: what directory lint, search and export work on unless told otherwise.
#include "admin/daemon.hpp"
#include "admin/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/recipient_json.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

// Rows of directory.list: a source, then its recipients.
class WorldGathering {
public:
    explicit WorldGathering(std::ostream& error) : error_(error) {}

    void add(json::object const& row) {
        auto const* source = row.if_contains("source");
        if (source != nullptr && source->is_object()) return begin(source->get_object());
        auto listed = control::read_recipient(row);
        if (!listed || world_.listing.sources.empty()) {
            why_ = listed ? "a recipient of no directory" : listed.error().what;
            return;
        }
        listed->source = world_.listing.sources.size() - 1;
        world_.listing.recipients.push_back(std::move(*listed));
    }

    // In the order of their names: a copy has none.
    RelayListing take() {
        auto& all = world_.listing.recipients;
        std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
            if (a.source != b.source) return a.source < b.source;
            return a.recipient->name.key < b.recipient->name.key;
        });
        return std::move(world_);
    }
    std::string const& why_not() const { return why_; }

private:
    void begin(json::object const& about) {
        schema::ListedSource source;
        source.name = control::text_of(about, "name");
        source.others = control::number_of(about, "others");
        world_.recipients += control::number_of(about, "recipients");
        auto const state = control::text_of(about, "state");
        if (state != "LIVE") {
            auto const* age = about.if_contains("age_s");
            auto const seconds = age != nullptr && age->is_double() ? age->get_double() : 0.0;
            error_ << fmt::format(
                "note: the copy of {} is {}, heard of {:.0f} s ago\n", source.name, state, seconds
            );
            world_.health.state = directory::State::stale;
            world_.health.age_s = std::max(world_.health.age_s, seconds);
        }
        world_.listing.sources.push_back(std::move(source));
    }

    std::ostream& error_;
    RelayListing world_;
    std::string why_;
};

}  // namespace

std::variant<RelayListing, ExitCode> list_from_relay(
    Context const& context,
    std::string_view verb,
    std::string const& text,
    std::string_view otherwise
) {
    WorldGathering gathering(context.streams.error);
    json::object arguments;
    arguments["text"] = text;
    Daemon daemon(socket_path(context.global));
    auto answer = daemon.ask("directory.list", std::move(arguments), [&](json::object const& row) {
        gathering.add(row);
    });
    auto* failure = std::get_if<control::Failure>(&answer);
    if (failure == nullptr && gathering.why_not().empty()) {
        auto listing = gathering.take();
        listing.hash = control::text_of(std::get<control::Done>(answer).content, "hash");
        return listing;
    }
    auto told = failure != nullptr
                    ? *failure
                    : control::Failure{static_cast<int>(ExitCode::internal), gathering.why_not()};
    if (told.exit == static_cast<int>(ExitCode::unavailable)) {
        told.text += fmt::format("\n{}", otherwise);
    }
    return tell(std::string(verb), told, context.streams);
}

std::variant<World, ExitCode> world_from_relay(Context const& context, std::string_view verb) {
    auto config = load_config(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&config)) return *code;
    auto listed = list_from_relay(context, verb, "");
    if (auto const* code = std::get_if<ExitCode>(&listed)) return *code;
    auto& from_relay = std::get<RelayListing>(listed);
    World world{std::move(std::get<config::Config>(config)), std::move(from_relay.listing)};
    if (from_relay.hash != world.config.hash) {
        context.streams.error << fmt::format(
            "note: {} is not what the relay goes by: \"splitmx reload\" takes it\n",
            context.global.config_file
        );
    }
    auto const& directories = world.config.directories;
    for (auto& source : world.listing.sources) {
        auto const found = std::find_if(
            directories.begin(),
            directories.end(),
            [&](config::Directory const& directory) { return directory.name == source.name; }
        );
        if (found != directories.end()) source.profile = found->profile;
    }
    return world;
}

}  // namespace splitmx::admin
