// X500 addresses that somebody wrote to and no entry has: what an administrator has to add to the
// directory before replies to old mail arrive. The first `capacity` of them are listed, the rest is a
// number; one that nobody has written to for `kept_for` has no place any more.
// Threads: any, briefly locked. Ownership: of its own. Errors: none.
#pragma once

#include "mail/clock.hpp"
#include "observe/witness.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace splitmx::relay {

class UnfoundX500 final : public observe::Witness {
public:
    static constexpr std::size_t capacity = 1'000;
    static constexpr mail::Duration kept_for = std::chrono::days(90);

    struct Name {
        std::string x500;     // "/o=...", as it was last written
        std::string address;  // in which it was last encapsulated
        std::uint64_t count = 0;
        mail::Instant first;
        mail::Instant last;
    };
    struct List {
        std::vector<Name> names;     // the one that is written to most often first
        std::uint64_t unlisted = 0;  // times that one was asked for which has no place here
        mail::Instant since;         // counted from then on
    };

    void see(observe::Event const& event) override;
    [[nodiscard]] List list() const;
    // What was counted before, in an earlier run. To be called before anything is seen.
    void restore(List const& list);
    // Differs from before when the list does.
    [[nodiscard]] std::uint64_t changes() const;

private:
    void add(std::string const& address, resolver::Decision const* decision);
    void drop_old(mail::Instant now);

    mutable std::mutex mutex_;
    mail::Instant since_ = std::chrono::system_clock::now();
    mail::Instant swept_;
    std::uint64_t changes_ = 0;
    std::unordered_map<std::string, Name> names_;  // by mail::X500Address::key
    std::uint64_t unlisted_ = 0;
};

}  // namespace splitmx::relay
