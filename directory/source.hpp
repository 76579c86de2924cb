// One [directory.NAME]: something that knows who has an address.
// Threads: all but the destructor from any thread; `done` is called exactly once, on any thread,
// and not while the caller holds a lock of its own that `done` needs. Ownership: a source outlives
// its calls; destroying one answers what is outstanding with Unavailable.
#pragma once

#include "directory/copy/copy.hpp"
#include "resolver/directory.hpp"
#include "schema/listing.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::directory {

// From what serves least to what serves best.
enum class State {
    empty,    // nothing known yet: every question goes to the server
    loading,  // the same, and the first copy is on its way
    stale,    // a complete copy, not heard of for `age_s`
    direct,   // no copy: every question goes to the server
    live,     // a complete and fresh copy, or a file
};

std::string_view to_text(State state);  // "STALE"

struct Health {
    State state = State::empty;
    double age_s = 0;                        // since the source was last heard of; 0 for a file
    std::string detail;                      // for the administrator
    std::optional<copy::CopyHealth> copy{};  // of a source that has one
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

    // Of a copy: removals that are held may happen; everything is read again. Nothing and false for
    // a source without a copy.
    virtual std::optional<copy::AcceptResult> accept_removals() { return std::nullopt; }
    virtual bool read_again() { return false; }
    // All recipients that are known without asking, in so many parts; 0: there is no such list now.
    virtual std::size_t parts() const { return 0; }
    // Requires: number < parts(). Without entries; `source` of each is 0.
    virtual std::vector<schema::ListedRecipient> part(std::size_t) const { return {}; }
};

}  // namespace splitmx::directory
