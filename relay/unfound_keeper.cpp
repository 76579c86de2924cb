#include "relay/unfound_keeper.hpp"

#include "relay/state_file.hpp"
#include "spool/record_lines.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

namespace {

constexpr int version = 1;

std::int64_t to_number(mail::Instant instant) {
    return std::chrono::floor<mail::Duration>(instant.time_since_epoch()).count();
}

mail::Instant read_instant(spool::RecordReader& in, std::string_view field) {
    return mail::Instant(mail::Duration(in.number<std::int64_t>(field)));
}

}  // namespace

std::string to_text(UnfoundX500::List const& list) {
    spool::RecordWriter out;
    out.number("unfound-x500", version);
    out.number("since", to_number(list.since));
    out.number("unlisted", list.unlisted);
    for (auto const& name : list.names) {
        out.text("name", name.x500);
        out.text("address", name.address);
        out.number("count", name.count);
        out.number("first", to_number(name.first));
        out.number("last", to_number(name.last));
    }
    return std::move(out).finish();
}

mail::Result<UnfoundX500::List> parse_unfound_x500(std::string_view text) {
    auto const lines = spool::checked_lines(text);
    if (!lines) return mail::Error{lines.error().what, 0};
    spool::RecordReader in(*lines);
    UnfoundX500::List list;
    if (in.number<int>("unfound-x500") != version) {
        in.fail("a version that this program does not know");
    }
    list.since = read_instant(in, "since");
    list.unlisted = in.number<std::uint64_t>("unlisted");
    while (!in.failed() && in.has("name")) {
        UnfoundX500::Name name;
        name.x500 = in.text("name");
        name.address = in.text("address");
        name.count = in.number<std::uint64_t>("count");
        name.first = read_instant(in, "first");
        name.last = read_instant(in, "last");
        list.names.push_back(std::move(name));
    }
    in.end();
    if (in.failed()) return mail::Error{in.failure()->what, 0};
    return list;
}

UnfoundKeeper::UnfoundKeeper(
    asio::io_context& main,
    asio::thread_pool& disk,
    observe::Log& log,
    UnfoundX500& names,
    std::filesystem::path file,
    mail::Duration between_writes
)
    : disk_(disk),
      log_(log),
      names_(names),
      file_(std::move(file)),
      between_writes_(between_writes),
      timer_(main) {}

void UnfoundKeeper::start() {
    read();
    wait();
}

void UnfoundKeeper::stop() {
    timer_.cancel();
    write();
}

void UnfoundKeeper::read() {
    auto const text = read_state_file(file_);
    if (!text) return log_.warn("x500", text.error().what);
    if (!*text) return;
    auto const list = parse_unfound_x500(**text);
    if (list) return names_.restore(*list);
    auto const error = about_file(file_, list.error().what);
    log_.warn("x500", "what was not found before is forgotten: " + error.what);
}

void UnfoundKeeper::write() {
    auto const changes = names_.changes();
    if (changes == written_) return;
    if (auto const done = write_state_file(file_, to_text(names_.list())); !done) {
        return log_.warn("x500", done.error().what);
    }
    written_ = changes;
}

void UnfoundKeeper::wait() {
    timer_.expires_after(between_writes_);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        asio::post(disk_, [this] { write(); });
        wait();
    });
}

}  // namespace splitmx::relay
