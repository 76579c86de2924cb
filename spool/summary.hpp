// What the queue in memory needs to know of each message, taken from its record without building
// the whole item: a start looks at all of them (100 000 in less than half a second).
// Ownership: the texts point into the record, or into the reader, and are valid until its next
// read. Threads: a reader one at a time. Errors: as decode() of queue_item.hpp. A summary of a
// record that decode() refuses may succeed, when what is wrong is in a field that it does not read
// and the checksum is right.
#pragma once

#include "mail/clock.hpp"
#include "spool/errc.hpp"
#include "spool/queue_item.hpp"
#include "spool/spool_id.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool {

// A recipient that is still to be delivered to.
struct PendingRecipient {
    std::string_view hop;  // empty: not decided yet
    mail::Instant next_attempt;
    unsigned attempts = 0;
};

struct Summary {
    SpoolId id;
    mail::Instant arrived;
    std::uint64_t size = 0;   // octets of the body
    std::string_view sender;  // "ann@example.com"; empty: null reverse-path
    bool is_report = false;
    bool warning_sent = false;
    bool is_held = false;
    std::vector<PendingRecipient> pending;
};

class SummaryReader {
public:
    // The answer is this reader's summary(), for which the pointer stands.
    Result<Summary const*> read(std::string_view record);
    Summary const& read(QueueItem const& item);

private:
    std::string_view sender(std::string_view local_part, std::string_view domain);

    Summary summary_;
    std::deque<std::string> scratch_;
};

}  // namespace splitmx::spool
