#include "relay/daemon/open_spool.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace splitmx::relay::daemon {

namespace {

mail::Result<void> make_folders(config::Config const& config) {
    std::error_code failure;
    for (auto const& directory : {config.server.state_dir, config.spool.path}) {
        std::filesystem::create_directories(directory, failure);
        if (!failure) continue;
        return mail::Error{"cannot make " + directory.string() + ": " + failure.message(), 0};
    }
    return {};
}

// None: each delivery waits for its commit.
mail::Result<std::unique_ptr<spool::DoneLog>> open_done_log(
    std::filesystem::path const& folder, spool::Store& store, observe::Log& log
) {
    auto const path = (folder / "done").string();
    spool::PosixFileSystem files;
    auto done = spool::DoneLog::open(files, path);
    if (!done) {
        log.warn("spool", done.error().what + "; deliveries wait for whole commits");
        return std::unique_ptr<spool::DoneLog>();
    }
    auto const finished = spool::finish_noted(**done, store);
    if (!finished) return mail::Error{finished.error().what, 0};
    return std::move(*done);
}

}  // namespace

mail::Result<OpenSpool> open_spool(config::Config const& config, observe::Log& log) {
    if (auto const made = make_folders(config); !made) return made.error();
    spool::disk::LmdbStore::Options options;
    options.map_size = config.spool.map_size;
    options.disk_reserve = config.spool.reserve;
    options.no_journal = [&log](spool::Error const& error) {
        log.warn(
            "spool", error.what + "; mail goes straight to the database until a restart, more slowly"
        );
    };
    auto store = spool::disk::LmdbStore::open(config.spool.path, std::move(options));
    if (!store) return mail::Error{store.error().what, 0};
    if (auto const lost = (*store)->lost_writes(); lost != 0) {
        log.warn(
            "spool",
            fmt::format(
                "the journal is damaged: {} of its writes cannot be read, and the messages in them "
                "are lost; their ids are in the log of the time before",
                lost
            )
        );
    }
    auto done = open_done_log(config.spool.path, **store, log);
    if (!done) return done.error();
    OpenSpool opened;
    opened.store = std::move(*store);
    opened.thread = std::make_unique<spool::SpoolThread>(*opened.store, std::move(*done));
    return opened;
}

}  // namespace splitmx::relay::daemon
