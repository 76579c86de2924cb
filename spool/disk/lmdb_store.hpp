// The embedded store: LMDB, and in front of it a journal (journal.hpp), where most messages come and
// go without the database ever hearing of them.
// Databases: `envelope` (id -> record of queue_item.hpp), `body` (id -> octets, small bodies only),
// `meta` (format version, highest id, up to where the journal is in here), and for messages that
// were set aside `damaged` (id -> note of damaged.hpp), `damaged-envelope` and `damaged-body`. Never
// NOSYNC, NOMETASYNC or WRITEMAP. The map is virtual memory; the file grows as it is used and never
// shrinks. When the map is full, Puts fail and Updates and Removes still work.
// Ownership: one process at a time has a spool open (lock file); it holds its own BodyDirectory.
// Opening clears stale readers and removes body files without a record; closing moves what the
// journal has. Threads and errors: as store.hpp tells; opening also locked, wrong_version, damaged.
// Source: LMDB 0.9, lmdb.h.
#pragma once

#include "spool/store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace splitmx::spool::disk {

class LmdbStore final : public Store {
public:
    struct Options {
        std::uint64_t map_size = std::uint64_t{64} << 30;      // octets
        std::uint64_t disk_reserve = std::uint64_t{16} << 20;  // octets that Puts leave free
        // Octets; of a small map at most an eighth. 0: none.
        std::uint64_t journal = std::uint64_t{64} << 20;
        // Told once, by apply(), when the journal fails or cannot be made: all goes on without it,
        // more slowly.
        std::function<void(Error const&)> no_journal;
        std::shared_ptr<FileSystem> files;  // none: PosixFileSystem
    };

    // Makes the directory when it is missing (its parent must be there).
    static Result<std::unique_ptr<LmdbStore>> open(
        std::filesystem::path const& path, Options options
    );
    ~LmdbStore() override;

    Result<void> apply(std::span<Change const> batch) override;
    // What goes to the journal.
    bool is_quick(Change const& change) const override;
    Result<QueueItem> read(SpoolId id) const override;
    Result<BodyReader> open_body(SpoolId id) const override;
    Result<void> for_each(Visitor const& visitor) const override;
    Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const override;
    Result<void> for_each_damaged(DamagedVisitor const& visitor) const override;
    Result<std::string> damaged_record(SpoolId id) const override;
    Result<BodyReader> open_damaged_body(SpoolId id) const override;
    SpoolId last_id() const override;
    Usage usage() const override;

    BodyDirectory& bodies();
    std::size_t swept() const;  // body files removed at opening
    // Writes that the journal had lost at opening: damage, and mail that nobody can name.
    std::uint64_t lost_writes() const;

private:
    struct Environment;
    explicit LmdbStore(std::unique_ptr<Environment> environment);

    std::unique_ptr<Environment> environment_;
};

}  // namespace splitmx::spool::disk
