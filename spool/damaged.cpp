#include "spool/damaged.hpp"

#include "spool/item_record.hpp"

namespace splitmx::spool {

namespace {

constexpr std::string_view note_field = "splitmx-damaged";
constexpr unsigned note_version = 1;

}  // namespace

std::string encode_note(SpoolId id, mail::Instant since, std::string_view reason) {
    RecordWriter out;
    out.number(note_field, note_version);
    out.text("id", id.to_text());
    out.number("since", to_number(since));
    out.text("reason", reason);
    return std::move(out).finish();
}

Result<DamagedMessage> decode_note(std::string_view note) {
    auto const lines = checked_lines(note);
    if (!lines) return lines.error();
    RecordReader in(*lines);
    if (in.number<unsigned>(note_field) != note_version) in.fail("another version");
    DamagedMessage message;
    auto const id = SpoolId::parse(in.raw("id"));
    if (!id) in.fail(id.error().what);
    if (id) message.id = *id;
    message.since = to_instant(in.number<std::int64_t>("since"));
    message.reason = in.text("reason");
    in.end();
    if (auto const& failure = in.failure()) return *failure;
    return message;
}

}  // namespace splitmx::spool
