// Messages that the tests of this room look at.
#pragma once

#include <chrono>

#include "queue/row.hpp"

namespace splitmx::test {

inline constexpr std::chrono::system_clock::time_point noon{std::chrono::seconds{1'700'000'000}};

inline queue::RecipientRow recipient(
    std::string address, std::string host, unsigned attempts = 0, std::string answer = {}
) {
    queue::RecipientRow row;
    row.address = address;
    row.original = std::move(address);
    row.host = std::move(host);
    row.kind = "custom_recipient";
    row.state = "pending";
    row.attempts = attempts;
    row.next_attempt = noon + std::chrono::minutes{4};
    row.last_answer = std::move(answer);
    return row;
}

inline queue::Row row(std::uint64_t id, std::string sender, std::chrono::minutes age) {
    queue::Row row;
    row.id = spool::SpoolId(id);
    row.sender = std::move(sender);
    row.arrived = noon - age;
    row.size = 12'000;
    return row;
}

// In delivery; held; set aside; for four recipients, one of whom has it.
inline std::vector<queue::Row> some_rows() {
    using std::chrono::minutes;
    std::vector<queue::Row> rows;
    rows.push_back(row(1, "bob@example.net", minutes{14}));
    rows.back().place = queue::Place::active;
    rows.back().recipients.push_back(
        recipient("carl@contoso.com", "notes", 2, "451 4.3.2 try later")
    );
    rows.push_back(row(2, "", minutes{26 * 60}));
    rows.back().place = queue::Place::hold;
    rows.back().note = "legal";
    rows.back().is_report = true;
    rows.back().recipients.push_back(recipient("old@africa.example", "europe"));
    rows.push_back(row(3, "", minutes{3}));
    rows.back().place = queue::Place::damaged;
    rows.back().note = "record does not match its checksum";
    rows.push_back(row(4, "ann@adatum.com", minutes{0}));
    rows.back().recipients.push_back(recipient("first@sub.contoso.com", "notes"));
    rows.back().recipients.back().state = "delivered";
    for (auto const* address :
         {"b@example.com", "c@example.com", "d@example.com", "e@example.com"}) {
        rows.back().recipients.push_back(recipient(address, "mx:example.com"));
    }
    return rows;
}

}  // namespace splitmx::test
