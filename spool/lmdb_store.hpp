// The embedded store: LMDB, every batch one synced transaction.
// Databases: `envelope` (id -> record of queue_item.hpp), `body` (id -> octets, small bodies only),
// `meta` (format version, highest id), and for messages that were set aside `damaged` (id -> note
// of damaged.hpp), `damaged-envelope` and `damaged-body`. Never NOSYNC, NOMETASYNC or WRITEMAP. The
// map is virtual memory; the file grows as it is used and never shrinks. When the map is full, Puts
// fail and Updates and Removes still work: they may use a reserve beyond the map's size. Ownership:
// one process at a time has a spool open (lock file); it holds its own BodyDirectory. Opening
// clears stale readers and removes body files without a record. Threads and errors: as store.hpp
// tells; opening also locked, wrong_version. Source: LMDB 0.9, lmdb.h.
#pragma once

#include "spool/store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace splitmx::spool {

class LmdbStore final : public Store {
public:
    struct Options {
        std::uint64_t map_size = std::uint64_t{64} << 30;      // octets
        std::uint64_t disk_reserve = std::uint64_t{16} << 20;  // octets that Puts leave free
        std::shared_ptr<FileSystem> files;                     // none: PosixFileSystem
    };

    // Makes the directory when it is missing (its parent must be there).
    static Result<std::unique_ptr<LmdbStore>> open(
        std::filesystem::path const& path, Options options
    );
    ~LmdbStore() override;

    Result<void> apply(std::span<Change const> batch) override;
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

private:
    struct Environment;
    explicit LmdbStore(std::unique_ptr<Environment> environment);

    std::unique_ptr<Environment> environment_;
};

}  // namespace splitmx::spool
