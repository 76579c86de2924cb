#include "admin/replay_command.hpp"

#include "admin/bulk_decision.hpp"
#include "admin/complaint.hpp"
#include "admin/diff_report.hpp"
#include "admin/in_parallel.hpp"
#include "admin/progress.hpp"
#include "config/read.hpp"
#include "config/values.hpp"
#include "directory/decide.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "control/asking.hpp"
#include "history/book.hpp"

namespace splitmx::admin {

namespace {

using Envelope = history::Reader::Envelope;

constexpr char const* replay_verb = "replay";
constexpr std::size_t envelopes_at_once = addresses_at_once;

std::variant<history::Reader, ExitCode> open_history(Context const& context) {
    auto const loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    auto const& history = loaded.config->history;
    if (!history.full_addresses) {
        return complain(
            context,
            replay_verb,
            ExitCode::unavailable,
            "the history has no addresses: [history] addresses = \"domains\""
        );
    }
    auto reader = history::Reader::open(history.file);
    if (reader) return std::move(*reader);
    if (history.keep) return complain(context, replay_verb, ExitCode::io, reader.error().what);
    return complain(
        context,
        replay_verb,
        ExitCode::unavailable,
        "this relay keeps no history; [history] keep = \"14d\" does from its next start on"
    );
}

// As the client gave it; what cannot be read any more is asked as an outsider's.
control::Asker asker_of(Envelope const& envelope) {
    control::AskedWith with;
    with.from = envelope.sender;
    if (!envelope.client.empty()) with.client = envelope.client;
    auto asker = control::read_asker(with);
    if (!asker) {
        with.from = control::AskedWith().from;
        asker = control::read_asker(with);
    }
    return std::move(*asker);
}

struct Change {
    ChangedDecision what;
    std::uint64_t times = 0;
};

class Replay {
public:
    Replay(ReplayOptions const& options, Context const& context, TwoStandpoints const& stand)
        : options_(options),
          context_(context),
          stand_(stand),
          progress_(
              std::in_place,
              context.streams,
              "envelopes",
              0,
              context.global.quiet || options.json,
              Progress::Output::at_the_end
          ) {}

    bool add(Envelope const& envelope) {
        gathered_.push_back(envelope);
        if (gathered_.size() >= envelopes_at_once) decide();
        return true;
    }

    // Changes that are alike but for who sent the mail become one.
    void decide() {
        auto const envelopes = std::exchange(gathered_, {});
        std::vector<std::vector<Change>> pieces(piece_count(envelopes.size()));
        in_parallel(pieces.size(), [&](std::size_t number) {
            auto const first = number * addresses_a_piece;
            auto const size = std::min(addresses_a_piece, envelopes.size() - first);
            pieces[number] = decide_piece(std::span(envelopes).subspan(first, size));
            progress_->add(size);
        });
        for (auto const& envelope : envelopes) counts_.addresses += envelope.times;
        for (auto& piece : pieces) {
            for (auto& change : piece) keep(std::move(change));
        }
    }

    ExitCode print() {
        progress_.reset();
        if (options_.json) return counts_.changed > 0 ? ExitCode::differences : ExitCode::ok;
        std::vector<ChangedDecision> changes;
        for (auto& [key, change] : changes_) {
            if (change.times > 1) change.what.then += fmt::format("  {} times", grouped(change.times));
            changes.push_back(std::move(change.what));
        }
        print_changes(changes, counts_, context_);
        return counts_.changed > 0 ? ExitCode::differences : ExitCode::ok;
    }

private:
    std::vector<Change> decide_piece(std::span<Envelope const> envelopes) const {
        std::vector<std::string> addresses;
        std::vector<control::Asker> askers;
        addresses.reserve(envelopes.size());
        askers.reserve(envelopes.size());
        for (auto const& envelope : envelopes) {
            addresses.push_back(envelope.recipient);
            askers.push_back(asker_of(envelope));
        }
        auto const decided = [&](Grounds const& grounds) {
            control::Batch batch(addresses, [&](std::size_t i) -> auto const& { return askers[i]; });
            auto const queries = batch.take_queries();
            return batch.finish(directory::decide_now(grounds.service, grounds.table, queries));
        };
        auto const now = decided(stand_.now.grounds());
        auto const then = decided(stand_.then.grounds());
        std::vector<Change> changes;
        for (std::size_t i = 0; i < envelopes.size(); ++i) {
            auto change = difference(addresses[i], now[i], then[i]);
            if (!change) continue;
            auto const times = envelopes[i].times;
            if (options_.json) {
                change->json = change_json(addresses[i], *change, now[i], then[i], stand_, times);
            }
            changes.push_back({std::move(*change), times});
        }
        return changes;
    }

    void keep(Change change) {
        counts_.add(change.what, change.times);
        if (options_.json) {
            context_.streams.output << change.what.json;
            return;
        }
        auto key = change.what.address + "\n" + change.what.now + "\n" + change.what.then;
        auto const [found, is_new] = changes_.try_emplace(std::move(key), std::move(change));
        if (!is_new) found->second.times += change.times;
    }

    ReplayOptions const& options_;
    Context const& context_;
    TwoStandpoints const& stand_;
    std::optional<Progress> progress_;
    std::vector<Envelope> gathered_;
    std::map<std::string, Change> changes_;
    DiffCounts counts_;
};

}  // namespace

ExitCode replay(ReplayOptions const& options, Context const& context) {
    if (!options.what_if.is_asked()) {
        return wrong_usage(
            context, replay_verb, "by what? --at-config FILE, --with-ldif FILE, or both"
        );
    }
    auto const since = config::parse_duration(options.since);
    if (!since) return wrong_usage(context, replay_verb, "--since: " + since.error().what);
    auto opened = open_history(context);
    if (auto const* code = std::get_if<ExitCode>(&opened)) return *code;
    auto stand = stand_at(options.what_if, options.offline, context, replay_verb);
    if (auto const* code = std::get_if<ExitCode>(&stand)) return *code;
    Replay replay(options, context, std::get<TwoStandpoints>(stand));
    auto const from = std::chrono::time_point_cast<mail::Instant::duration>(
        std::chrono::system_clock::now() - *since
    );
    auto const read = std::get<history::Reader>(opened).envelopes(
        from, [&replay](Envelope const& envelope) { return replay.add(envelope); }
    );
    if (!read) return complain(context, replay_verb, ExitCode::io, read.error().what);
    replay.decide();
    return replay.print();
}

}  // namespace splitmx::admin
