// Messages that were set aside because their record or body was damaged. They are never sent and
// never tried; an operator looks at them, takes them out as they are, and discards them.
// Threads: values. Errors: damaged, when what was noted about one is damaged itself.
#pragma once

#include "mail/clock.hpp"
#include "spool/errc.hpp"
#include "spool/queue_item.hpp"
#include "spool/spool_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::spool {

struct DamagedMessage {
    SpoolId id;
    mail::Instant since;              // when it was set aside
    std::string reason;               // one line
    std::optional<QueueItem> item;    // when its record can be read
    std::uint64_t record_octets = 0;  // as they were found
    std::uint64_t body_octets = 0;
};

// What is noted about one: id, time and reason, as a record of lines with a checksum.
std::string encode_note(SpoolId id, mail::Instant since, std::string_view reason);
Result<DamagedMessage> decode_note(std::string_view note);

}  // namespace splitmx::spool
