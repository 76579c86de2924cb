// How the relay is at one moment, gathered for those who watch it. Threads: a plain value.
#pragma once

#include "directory/directory_service.hpp"
#include "observe/tally.hpp"
#include "relay/listeners.hpp"
#include "relay/queue_service.hpp"
#include "relay/settings_keeper.hpp"
#include "spool/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::relay::desk {

struct Facts {
    std::string version;
    mail::Instant now;
    mail::Instant started;
    bool is_draining = false;
    bool loops_turn = true;
    std::vector<Listeners::View> listeners;
    std::vector<directory::SourceHealth> directories;
    spool::Usage spool;
    std::uint64_t disk_left = 0;          // octets
    std::optional<std::string> pressure;  // why no mail comes in at present
    std::uint64_t generation = 1;         // of the configuration
    std::optional<ReloadRecord> last_reload;
    std::optional<QueueSnapshot> queue;  // none: a loop did not answer
    observe::Names known_hosts;          // of [host.NAME]
    observe::Sums sums;
    Durations::Sum resolved_from_memory;
    Durations::Sum resolved_by_asking;
};

}  // namespace splitmx::relay::desk
