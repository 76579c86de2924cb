#include "queue/words.hpp"

#include "mail/mailbox.hpp"

#include <fmt/format.h>

namespace splitmx::queue {

std::string readable(std::string const& text) { return mail::to_log_text(text); }

std::string sender_text(Row const& row) {
    if (!row.sender.empty()) return readable(row.sender);
    // A record that cannot be read names no sender.
    return row.place == Place::damaged && row.recipients.empty() ? "?" : "<>";
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

bool is_open(Row const& row, RecipientRow const& recipient) {
    return recipient.is_pending() || row.place == Place::damaged;
}

std::string answer_of(Row const& row, RecipientRow const* recipient, HostNotes const& hosts) {
    if (row.place == Place::hold) {
        return row.note.empty() ? "held by admin" : "held by admin: \"" + readable(row.note) + "\"";
    }
    if (row.place == Place::damaged) return "damaged: " + readable(row.note);
    if (recipient == nullptr) return "being settled";
    if (!recipient->last_answer.empty()) return readable(recipient->last_answer);
    auto const note = row.place == Place::active ? hosts.end() : hosts.find(recipient->host);
    return note == hosts.end() ? "not tried yet" : "not tried, host " + readable(note->second);
}

}  // namespace splitmx::queue
