// Turns events into records of the history. A decision is kept as it was made: as `splitmx resolve
// --json` prints it, with the hash of the configuration that made it.
// Threads: as a Witness; set_config() any. Ownership: refers to the recorder, which outlives it.
// Source: Exchange message tracking for the kinds.
#pragma once

#include "observe/witness.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "history/recorder.hpp"

namespace splitmx::relay {

// Pure: the records of one event; none for most. `config`: the hash.
std::vector<history::Record> records_of(
    observe::Event const& event, std::string const& config, mail::Instant now
);

// For those who may not keep who wrote to whom: "*@contoso.com".
void hide_people(history::Record& record);

class HistoryFeed final : public observe::Witness {
public:
    HistoryFeed(history::Recorder& recorder, bool full_addresses)
        : recorder_(recorder), full_addresses_(full_addresses) {}

    void see(observe::Event const& event) override;
    void set_config(std::string hash);

private:
    history::Recorder& recorder_;
    bool full_addresses_;
    std::mutex mutex_;
    std::string config_;
};

}  // namespace splitmx::relay
