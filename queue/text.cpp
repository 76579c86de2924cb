#include "queue/words.hpp"

#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace splitmx::queue {

namespace {

std::string time_of(mail::Instant at) {
    // "2026-11-21T09:12:44.120Z": for people without the T and below seconds.
    auto text = mail::to_timestamp(at).substr(0, 19);
    text[10] = ' ';
    return text + 'Z';
}

std::string state_line(Row const& row) {
    switch (row.place) {
        case Place::active:
            return "in delivery now";
        case Place::hold:
            return answer_of(row, nullptr, {});
        case Place::damaged:
            return answer_of(row, nullptr, {}) + "; it is never sent";
        case Place::incoming:
            return "not tried yet";
        case Place::deferred:
            break;
    }
    return "waits for its next attempt";
}

std::string recipient_text(
    RecipientRow const& recipient, mail::Instant now, HostNotes const& hosts
) {
    std::string text = fmt::format("\nto        {}", readable(recipient.address));
    if (recipient.original != recipient.address) {
        text += "   typed as " + readable(recipient.original);
    }
    text += "\n";
    if (!recipient.kind.empty()) text += "  why     " + readable(recipient.kind) + "\n";
    if (!recipient.entry.empty()) text += "  entry   " + readable(recipient.entry) + "\n";
    text += "  host    " + (recipient.host.empty() ? "not decided yet" : readable(recipient.host));
    if (!recipient.moved_from.empty()) {
        text += fmt::format(
            ", moved there by an operator; by the rules {}", readable(recipient.moved_from)
        );
    }
    auto const note = recipient.is_pending() ? hosts.find(recipient.host) : hosts.end();
    if (note != hosts.end()) text += fmt::format(", {}", readable(note->second));
    text += "\n";
    text += "  state   " + recipient.state;
    if (recipient.attempts > 0) {
        text += ", " + counted(recipient.attempts, "failed attempt");
    }
    if (recipient.next_attempt) {
        text += *recipient.next_attempt <= now ? ", due now"
                                               : ", next " + time_of(*recipient.next_attempt);
    }
    text += "\n";
    if (!recipient.last_answer.empty()) {
        text += "  answer  " + readable(recipient.last_answer) + "\n";
        if (!recipient.last_host.empty())
            text += "  from    " + readable(recipient.last_host) + "\n";
    }
    return text;
}

}  // namespace

std::string age_text(mail::Instant::duration age) {
    auto const minutes =
        std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::minutes>(age).count(), 0);
    constexpr std::int64_t day = 24 * 60;
    if (minutes < day) return fmt::format("{}:{:02}", minutes / 60, minutes % 60);
    return fmt::format("{}d{:02}h", minutes / day, minutes % day / 60);
}

std::string size_text(std::uint64_t octets) {
    constexpr std::uint64_t kibi = 1024;
    if (octets < kibi) return std::to_string(octets);
    if (octets < kibi * kibi) return fmt::format("{}K", (octets + kibi - 1) / kibi);
    auto const tenths = octets * 10 / (kibi * kibi);
    if (tenths < 100) return fmt::format("{}.{}M", tenths / 10, tenths % 10);
    if (tenths < 10 * kibi) return fmt::format("{}M", tenths / 10);
    return fmt::format("{}.{}G", tenths / 10 / kibi, tenths / 10 % kibi * 10 / kibi);
}

std::string show_text(Row const& row, mail::Instant now, HostNotes const& hosts) {
    std::string text =
        fmt::format("{}  {}, {}\n", row.id.to_text(), size_text(row.size), state_line(row));
    if (row.arrived != mail::Instant()) {
        text += fmt::format(
            "{} {} ({} ago)\n",
            row.place == Place::damaged && row.recipients.empty() ? "set aside" : "arrived  ",
            time_of(row.arrived),
            age_text(now - row.arrived)
        );
    }
    text += "from      " + sender_text(row) + (row.is_report ? "   a report made here" : "") + "\n";
    if (!row.client.empty()) text += "client    " + readable(row.client) + "\n";
    if (!row.listener.empty()) text += "listener  " + readable(row.listener) + "\n";
    for (auto const& recipient : row.recipients) text += recipient_text(recipient, now, hosts);
    return text;
}

}  // namespace splitmx::queue
