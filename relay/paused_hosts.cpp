#include "relay/paused_hosts.hpp"

#include "spool/errc.hpp"
#include "spool/file_system.hpp"
#include "spool/record_lines.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <sstream>

namespace splitmx::relay {

namespace {

mail::Error about(std::filesystem::path const& file, std::string const& why) {
    return mail::Error{file.string() + ": " + why, 0};
}

}  // namespace

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
    std::error_code failure;
    if (!std::filesystem::exists(file, failure)) {
        if (failure) return about(file, failure.message());
        return Pauses{};
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return about(file, "cannot be read");
    auto pauses = parse_pauses(text.str());
    if (!pauses) return about(file, pauses.error().what);
    return pauses;
}

mail::Result<void> write_pauses(std::filesystem::path const& file, Pauses const& pauses) {
    spool::PosixFileSystem files;
    auto const fresh = file.string() + ".new";
    auto const failed = [&](spool::Error const& error) { return about(file, error.what); };
    static_cast<void>(files.remove(fresh));  // of a run that was interrupted
    auto out = files.create(fresh);
    if (!out) return failed(out.error());
    if (auto const done = (*out)->append(to_text(pauses)); !done) return failed(done.error());
    if (auto const done = (*out)->sync(); !done) return failed(done.error());
    if (auto const done = files.rename(fresh, file.string()); !done) return failed(done.error());
    auto const synced = files.sync_directory(file.parent_path().string());
    if (!synced) return failed(synced.error());
    return {};
}

}  // namespace splitmx::relay
