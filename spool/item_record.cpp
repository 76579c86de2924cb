#include "spool/item_record.hpp"

#include <fmt/format.h>

#include <chrono>

namespace splitmx::spool {

std::int64_t to_number(mail::Instant at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

mail::Instant to_instant(std::int64_t number) {
    return mail::Instant(
        std::chrono::duration_cast<mail::Instant::duration>(std::chrono::nanoseconds(number))
    );
}

// Whatever else a newer version has: the checksum stands last in all of them, so a record that got
// this far is whole, and not to be called damaged.
Result<unsigned> read_version(RecordReader& in) {
    auto const found = in.number<unsigned>(version_field);
    if (in.failed()) return *in.failure();
    if (found >= oldest_record_version && found <= record_version) return found;
    return Error{
        Errc::wrong_version,
        fmt::format("record has version {}, this program knows {}", found, record_version)};
}

}  // namespace splitmx::spool
