// Answers that are still good, and questions that are under way: whoever asks the same meanwhile
// gets the same answer. Failures are handed out and forgotten (RFC 2308 7.1). Ownership: handlers
// live until their answer. Threads: any; a handler runs on the thread that brings the answer,
// without a lock. Errors: none of its own.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "dns/records.hpp"

namespace splitmx::dns {

inline constexpr std::chrono::hours cache_longest{1};
inline constexpr std::chrono::minutes cache_longest_negative{5};
inline constexpr std::size_t cache_entries = 10'000;

class Cache {
public:
    using Instant = std::chrono::steady_clock::time_point;
    using Handler = std::function<void(RecordsPtr)>;

    // Null where nothing good is known.
    RecordsPtr find(Question const& question, Instant now) const;
    // The answer goes to `handler`, at once where it is known. True: the caller is the first to
    // ask, and brings the answer to settle().
    [[nodiscard]] bool ask(Question const& question, Handler handler, Instant now);
    void settle(Question const& question, Records records, Instant now);

private:
    struct Entry {
        RecordsPtr records;
        Instant good_until;
    };

    RecordsPtr find_locked(Question const& question, Instant now) const;
    void keep_locked(Question const& question, RecordsPtr records, Instant now);

    mutable std::mutex mutex_;
    std::map<Question, Entry> entries_;
    std::map<Question, std::vector<Handler>> under_way_;
};

}  // namespace splitmx::dns
