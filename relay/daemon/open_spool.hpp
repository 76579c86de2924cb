// Opens the spool of a configuration for the relay that owns it: its folders, the store, what a run
// before has noted as done, and the thread that writes.
// Threads: any; it waits for the disk. Errors: a folder that cannot be made, and whatever the store
// says. Without a log of what is done the relay runs all the same, and says so.
#pragma once

#include "config/config.hpp"
#include "mail/result.hpp"
#include "observe/log.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "spool/spool_thread.hpp"

#include <memory>

namespace splitmx::relay::daemon {

struct OpenSpool {
    std::unique_ptr<spool::disk::LmdbStore> store;
    std::unique_ptr<spool::SpoolThread> thread;  // ends before the store
};

mail::Result<OpenSpool> open_spool(config::Config const& config, observe::Log& log);

}  // namespace splitmx::relay::daemon
