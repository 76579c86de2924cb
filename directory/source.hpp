// One [directory.NAME]: something that knows who has an address.
// Threads: find() and ask() from any thread; `done` is called exactly once, on any thread, and not
// while the caller holds a lock of its own that `done` needs. Ownership: a source outlives its
// calls; destroying one answers what is outstanding with Unavailable.
#pragma once

#include "resolver/directory.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::directory {

// EMPTY: nothing known yet. DIRECT: every question goes to the server. LIVE: a complete, fresh
// copy.
enum class State { empty, direct, live };

std::string_view to_text(State state);

struct Health {
    State state = State::empty;
    double age_s = 0;    // since the source was last heard of; 0 for a file
    std::string detail;  // for the administrator
};

using Answers = std::vector<resolver::Answer>;  // in the order of the questions

class Source {
public:
    virtual ~Source() = default;
    virtual std::string const& name() const = 0;
    // What is known at once; NotAsked where it has to be asked.
    virtual resolver::Answer find(resolver::LookupKey const& key) const = 0;
    // Never answers NotAsked; Unavailable where the source did not tell in time.
    virtual void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) = 0;
    virtual Health health() const = 0;
};

}  // namespace splitmx::directory
