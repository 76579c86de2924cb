// The name of a message in the spool, the same in logs, reports and file names.
// A 64-bit number: milliseconds since 2024-01-01 UTC times 1024, plus a sequence. So ids sort by
// arrival, and a source gives up to 1024 of them each millisecond before it runs ahead of the
// clock. Text: Crockford's base 32 (no I, L, O, U), ten characters until 2058, upper case; parse
// takes lower case too. Threads: SpoolId is a value; SpoolIdSource may be used by any thread.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace splitmx::spool {

class SpoolId {
public:
    constexpr SpoolId() = default;  // 0: below every id that a source gives
    constexpr explicit SpoolId(std::uint64_t value) : value_(value) {}
    static mail::Result<SpoolId> parse(std::string_view text);

    constexpr std::uint64_t value() const { return value_; }
    std::string to_text() const;  // "8FQ2K7M1D4"
    // When it was given, by the clock of then; later than that while the source runs ahead of it.
    mail::Instant given() const;

    constexpr auto operator<=>(SpoolId const&) const = default;

private:
    std::uint64_t value_ = 0;
};

// Gives each id once. Seeded with Store::last_id(), it does not repeat an id of an earlier run even
// when the clock was set back in between.
class SpoolIdSource {
public:
    explicit SpoolIdSource(SpoolId last) : last_(last.value()) {}
    SpoolId next(mail::Instant now);
    SpoolId last() const { return SpoolId(last_.load(std::memory_order_relaxed)); }

private:
    std::atomic<std::uint64_t> last_;
};

}  // namespace splitmx::spool

template <>
struct std::hash<splitmx::spool::SpoolId> {
    std::size_t operator()(splitmx::spool::SpoolId id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value());
    }
};
