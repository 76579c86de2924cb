// X500 addresses that somebody wrote to and no entry has: what an administrator has to add to the
// directory before replies to old mail arrive. Counted since the start; the first `capacity` of
// them are listed, the rest is a number. Threads: see() any, briefly locked; list() any. Ownership:
// of its own. Errors: none.
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
    };

    void see(observe::Event const& event) override;
    [[nodiscard]] List list() const;

private:
    void add(std::string const& address, resolver::Decision const* decision);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Name> names_;  // by mail::X500Address::key
    std::uint64_t unlisted_ = 0;
};

}  // namespace splitmx::relay
