#include "relay/paused_hosts.hpp"

#include "relay/state_file.hpp"
#include "spool/record_lines.hpp"

#include <chrono>

namespace splitmx::relay {

std::string to_text(Pauses const& pauses) {
    spool::RecordWriter out;
    out.number("paused-hosts", 1);
    for (auto const& [hop, pause] : pauses) {
        out.text("hop", hop);
        auto const since = pause.since.time_since_epoch();
        out.number("since", std::chrono::floor<mail::Duration>(since).count());
        out.text("reason", pause.reason);
    }
    return std::move(out).finish();
}

mail::Result<Pauses> parse_pauses(std::string_view text) {
    auto const lines = spool::checked_lines(text);
    if (!lines) return mail::Error{lines.error().what, 0};
    spool::RecordReader in(*lines);
    Pauses pauses;
    if (in.number<int>("paused-hosts") != 1) in.fail("a version that this program does not know");
    while (!in.failed() && in.has("hop")) {
        auto hop = in.text("hop");
        Pause pause;
        pause.since = mail::Instant(mail::Duration(in.number<std::int64_t>("since")));
        pause.reason = in.text("reason");
        pauses.insert_or_assign(std::move(hop), std::move(pause));
    }
    in.end();
    if (in.failed()) return mail::Error{in.failure()->what, 0};
    return pauses;
}

mail::Result<Pauses> read_pauses(std::filesystem::path const& file) {
    auto const text = read_state_file(file);
    if (!text) return text.error();
    if (!*text) return Pauses{};
    auto pauses = parse_pauses(**text);
    if (!pauses) return about_file(file, pauses.error().what);
    return pauses;
}

mail::Result<void> write_pauses(std::filesystem::path const& file, Pauses const& pauses) {
    return write_state_file(file, to_text(pauses));
}

}  // namespace splitmx::relay
