#include "spool/summary.hpp"

#include "spool/item_record.hpp"

namespace splitmx::spool {

namespace {

// Fields that a summary has no use for.
void skip(RecordReader& in, std::initializer_list<std::string_view> fields) {
    for (auto const field : fields) static_cast<void>(in.raw(field));
}

void skip_if_there(RecordReader& in, std::initializer_list<std::string_view> fields) {
    for (auto const field : fields) {
        if (in.has(field)) static_cast<void>(in.raw(field));
    }
}

void read_recipient(
    RecordReader& in, unsigned version, Summary& summary, std::deque<std::string>& scratch
) {
    PendingRecipient recipient;
    skip(in, {"recipient", "original"});
    if (version >= 3) skip(in, {"orcpt", "notify"});
    recipient.hop = in.text("hop", scratch);
    skip(in, {"kind", "entry"});
    if (version >= 2) skip(in, {"expanded"});
    if (version >= 4) skip_if_there(in, {"moved-from"});
    auto const state = static_cast<RecipientState>(in.word("state", state_words));
    recipient.attempts = in.number<unsigned>("attempts");
    recipient.next_attempt = to_instant(in.number<std::int64_t>("next-attempt"));
    skip_if_there(in, {"status-code", "status-subject", "status-detail", "status-text"});
    skip(in, {"last-host"});
    if (state == RecipientState::pending) summary.pending.push_back(recipient);
}

}  // namespace

Result<Summary const*> SummaryReader::read(std::string_view record) {
    auto const lines = checked_lines(record);
    if (!lines) return lines.error();
    RecordReader in(*lines);
    auto const version = read_version(in);
    if (!version) return version.error();
    scratch_.clear();
    summary_.pending.clear();
    auto const id = SpoolId::parse(in.raw("id"));
    if (!id) in.fail(id.error().what);
    summary_.id = id ? *id : SpoolId();
    summary_.arrived = to_instant(in.number<std::int64_t>("arrived"));
    summary_.sender = {};
    if (in.has("from")) {
        skip(in, {"from"});
    } else {
        auto const local_part = in.text("from-local", scratch_);
        summary_.sender = sender(local_part, in.text("from-domain", scratch_));
    }
    summary_.size = in.number<std::uint64_t>("size");
    skip(in, {"body", "smtputf8"});
    if (*version >= 3) skip(in, {"octets", "returns", "envelope-id"});
    skip(in, {"place", "body-checksum", "client"});
    if (*version >= 2) {
        skip(in, {"client-address", "local-address", "listener"});
        skip_if_there(in, {"identity"});
    }
    skip(in, {"helo"});
    summary_.is_report = in.flag("report");
    summary_.warning_sent = in.flag("warned");
    summary_.is_held = in.has("held");
    skip_if_there(in, {"held"});
    while (!in.failed() && in.has("recipient")) read_recipient(in, *version, summary_, scratch_);
    in.end();
    if (auto const& failure = in.failure()) return *failure;
    return &summary_;
}

Summary const& SummaryReader::read(QueueItem const& item) {
    scratch_.clear();
    summary_.pending.clear();
    summary_.id = item.id;
    summary_.arrived = item.arrived;
    summary_.size = item.size;
    summary_.sender = {};
    if (!item.from.is_null()) summary_.sender = scratch_.emplace_back(item.from.to_wire());
    summary_.is_report = item.is_report;
    summary_.warning_sent = item.warning_sent;
    summary_.is_held = item.held.has_value();
    for (auto const& recipient : item.recipients) {
        if (recipient.state != RecipientState::pending) continue;
        summary_.pending.push_back({recipient.hop, recipient.next_attempt, recipient.attempts});
    }
    return summary_;
}

std::string_view SummaryReader::sender(std::string_view local_part, std::string_view domain) {
    auto& whole = scratch_.emplace_back();
    whole.reserve(local_part.size() + 1 + domain.size());
    whole.append(local_part).append("@").append(domain);
    return whole;
}

}  // namespace splitmx::spool
