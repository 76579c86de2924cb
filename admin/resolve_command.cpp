#include "admin/resolve_command.hpp"

#include "admin/address_list.hpp"
#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/diff_report.hpp"
#include "admin/progress.hpp"
#include "admin/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::admin {

namespace {

constexpr char const* resolve_verb = "resolve";

control::Format format_of(ResolveOptions const& options) {
    if (options.json) return control::Format::json;
    return options.explain ? control::Format::explanation : control::Format::summary;
}

ExitCode code_of(resolver::Decision const& decision) {
    return static_cast<ExitCode>(control::exit_code_of(decision));
}

// What came of one address, on its way to standard output.
class Printer {
public:
    Printer(ResolveOptions const& options, Context const& context)
        : options_(options),
          output_(context.streams.output),
          paint_(context.global.colour, context.streams.output) {}

    void print(std::string const& text, ExitCode code) {
        if (options_.explain && std::exchange(printed_, true)) output_ << "\n";
        output_ << (options_.json ? text : coloured(text, code));
        code_ = worst(code_, code);
    }
    // Several that have been put together already.
    void print_plain(std::string const& text, ExitCode code) {
        output_ << text;
        code_ = worst(code_, code);
    }
    bool is_plain() const { return !options_.explain && !paint_.is_on(); }
    ExitCode code() const { return code_; }

private:
    // What stands behind the arrow in the first line.
    std::string coloured(std::string const& text, ExitCode code) const {
        constexpr std::string_view arrow = "  ->  ";
        auto const end = text.find('\n');
        auto const begin = text.find(arrow);
        if (!paint_.is_on() || end == text.npos || begin >= end) return text;
        auto const from = begin + arrow.size();
        auto const what = std::string_view(text).substr(from, end - from);
        auto const shown = code == ExitCode::ok          ? paint_.green(what)
                           : code == ExitCode::temporary ? paint_.yellow(what)
                                                         : paint_.red(what);
        return text.substr(0, from) + shown + text.substr(end);
    }

    ResolveOptions const& options_;
    std::ostream& output_;
    Paint paint_;
    ExitCode code_ = ExitCode::ok;
    bool printed_ = false;
};

// `code`, unless what was to be read is no list.
ExitCode end_of(AddressList const& list, ExitCode code, Context const& context) {
    if (list.why_not().empty()) return code;
    return complain(context, resolve_verb, ExitCode::bad_data, list.why_not());
}

// Addresses go to the daemon many at a time; what it prints comes back in their order.
ExitCode resolve_online(ResolveOptions const& options, Context const& context) {
    constexpr std::size_t batch = 500;
    AddressList list(options.addresses, context.streams.input);
    Printer printer(options, context);
    bool const quiet = context.global.quiet || options.json;
    Progress progress(context.streams, "addresses", list.count(), quiet);
    Daemon daemon(socket_path(context.global));
    for (auto some = list.next(batch); !some.empty(); some = list.next(batch)) {
        // A line of the protocol has its limits, and an address may be any text.
        for (std::size_t at = 0; at < some.size();) {
            constexpr std::size_t most_octets = 64 * 1024;
            control::json::array asked;
            for (std::size_t octets = 0; at < some.size() && octets < most_octets; ++at) {
                octets += some[at].size();
                asked.emplace_back(some[at]);
            }
            auto const count = asked.size();
            auto arguments = control::to_json(options.with);
            arguments["format"] = control::to_text(format_of(options));
            arguments["addresses"] = std::move(asked);
            auto const answer =
                daemon.ask(resolve_verb, std::move(arguments), [&](auto const& row) {
                    auto const code = static_cast<ExitCode>(control::number_of(row, "exit"));
                    printer.print(control::text_of(row, "text"), code);
                });
            if (auto const* failure = std::get_if<control::Failure>(&answer)) {
                auto told = *failure;
                if (told.exit == static_cast<int>(ExitCode::unavailable)) {
                    told.text += "\n--offline decides without it";
                }
                return tell(resolve_verb, told, context.streams);
            }
            progress.add(count);
        }
        context.streams.output << std::flush;
    }
    return end_of(list, printer.code(), context);
}

// What one piece of a long list came to.
struct PieceText {
    std::string text;
    ExitCode code = ExitCode::ok;
    std::vector<std::pair<std::string, ExitCode>> each;  // where they are printed one by one
};

// Decided here.
ExitCode resolve_here(
    ResolveOptions const& options,
    Context const& context,
    control::Asker const& asker,
    Grounds const& grounds
) {
    AddressList list(options.addresses, context.streams.input);
    Printer printer(options, context);
    bool const quiet = context.global.quiet || options.json;
    Progress progress(context.streams, "addresses", list.count(), quiet);
    auto const format = format_of(options);
    bool const plain = printer.is_plain();
    for (auto some = list.next(addresses_at_once); !some.empty();
         some = list.next(addresses_at_once)) {
        std::vector<PieceText> pieces(piece_count(some.size()));
        for_each_piece(some, [&](std::size_t number, std::size_t, auto addresses) {
            auto const decisions = decide_all(grounds, asker, addresses);
            auto const health = grounds.service.overall_health();
            auto& piece = pieces[number];
            for (std::size_t i = 0; i < decisions.size(); ++i) {
                auto text = control::print(addresses[i], decisions[i], health, format);
                auto const code = code_of(decisions[i]);
                piece.code = worst(piece.code, code);
                if (plain)
                    piece.text += text;
                else
                    piece.each.emplace_back(std::move(text), code);
            }
            progress.add(addresses.size());
        });
        for (auto const& piece : pieces) {
            printer.print_plain(piece.text, piece.code);
            for (auto const& [text, code] : piece.each) printer.print(text, code);
        }
        context.streams.output << std::flush;
    }
    return end_of(list, printer.code(), context);
}

ExitCode print_difference(
    ResolveOptions const& options,
    Context const& context,
    control::Asker const& asker,
    TwoStandpoints const& stand
) {
    AddressList list(options.addresses, context.streams.input);
    std::vector<ChangedDecision> changes;
    DiffCounts counts;
    {
        bool const quiet = context.global.quiet || options.json;
        auto const total = list.count();
        Progress progress(
            context.streams, "addresses", total, quiet, Progress::Output::at_the_end
        );
        for (auto some = list.next(addresses_at_once); !some.empty();
             some = list.next(addresses_at_once)) {
            std::vector<std::vector<ChangedDecision>> pieces(piece_count(some.size()));
            for_each_piece(some, [&](std::size_t number, std::size_t, auto addresses) {
                auto const now = decide_all(stand.now.grounds(), asker, addresses);
                auto const then = decide_all(stand.then.grounds(), asker, addresses);
                for (std::size_t i = 0; i < now.size(); ++i) {
                    auto change = difference(addresses[i], now[i], then[i]);
                    if (!change) continue;
                    if (options.json) {
                        change->json = change_json(addresses[i], *change, now[i], then[i], stand);
                    }
                    pieces[number].push_back(std::move(*change));
                }
                progress.add(addresses.size());
            });
            counts.addresses += some.size();
            for (auto& piece : pieces)
                std::move(piece.begin(), piece.end(), back_inserter(changes));
        }
    }
    for (auto const& change : changes) {
        counts.add(change);
        if (options.json) context.streams.output << change.json;
    }
    if (!options.json) print_changes(changes, counts, context);
    return end_of(list, counts.changed > 0 ? ExitCode::differences : ExitCode::ok, context);
}

}  // namespace

ExitCode resolve(ResolveOptions const& options, Context const& context) {
    auto const asker = control::read_asker(options.with);
    if (!asker) {
        context.streams.error << "splitmx resolve: " << asker.error().what << "\n";
        return ExitCode::usage;
    }
    if (options.what_if.is_asked()) {
        auto stand = stand_at(options.what_if, options.offline, context, resolve_verb);
        if (auto const* code = std::get_if<ExitCode>(&stand)) return *code;
        auto const& both = std::get<TwoStandpoints>(stand);
        if (options.diff) return print_difference(options, context, *asker, both);
        return resolve_here(options, context, *asker, both.then.grounds());
    }
    if (!options.offline) return resolve_online(options, context);
    auto stand = stand_offline(context, resolve_verb);
    if (auto const* code = std::get_if<ExitCode>(&stand)) return *code;
    return resolve_here(options, context, *asker, std::get<Standpoint>(stand).grounds());
}

}  // namespace splitmx::admin
