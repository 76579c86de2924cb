// The reading half of a spool's database: what the store that owns it and those who only look at it
// have in common. Every call is a transaction of its own. Of what the journal has over it it knows
// nothing: queue_view.hpp.
// Ownership: database and bodies outlive it. Threads: any number at once. Errors: as store.hpp.
#pragma once

#include "spool/disk/journal.hpp"
#include "spool/disk/lmdb.hpp"
#include "spool/store.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool::disk {

class LmdbView {
public:
    // `chunk`: a transaction keeps pages from being used again for as long as it lives, so those
    // who may be slow (a pager at the other end) copy so many records at a time. 0: all are
    // visited in place, in one transaction.
    LmdbView(Database const& database, BodyDirectory& bodies, std::string path, std::size_t chunk)
        : database_(database), bodies_(bodies), path_(std::move(path)), chunk_(chunk) {}

    Result<QueueItem> read(SpoolId id) const;
    Result<BodyReader> open_body(SpoolId id) const;
    // For a walk that is one transaction; none where it is many.
    Result<std::optional<Transaction>> snapshot() const;
    // The records of all messages by id.
    using RecordVisitor = std::function<void(SpoolId id, std::string_view record)>;
    Result<void> for_each_record(
        RecordVisitor const& visitor, std::optional<Transaction> const& snapshot
    ) const;
    Result<void> for_each_damaged(Store::DamagedVisitor const& visitor) const;
    Result<std::string> damaged_record(SpoolId id) const;
    Result<BodyReader> open_damaged_body(SpoolId id) const;
    Result<SpoolId> last_id(MDB_txn* transaction) const;
    // The highest id in the queue.
    Result<SpoolId> highest_id() const;
    Result<std::optional<JournalMark>> mark() const;
    // Where the octets of a message are; none: it is not in the queue.
    Result<std::optional<BodyPlace>> place_of(SpoolId id) const;
    Usage usage() const;
    BodyDirectory::Fate fate_of(MDB_txn* transaction, SpoolId id) const;

    Result<Transaction> begin() const {
        return Transaction::begin(database_.environment.get(), Transaction::Kind::read);
    }

private:
    Result<void> walk(
        MDB_dbi database, RecordVisitor const& visitor, std::optional<Transaction> const& snapshot
    ) const;
    struct Copy;
    Result<void> walk_in_chunks(MDB_dbi database, RecordVisitor const& visitor) const;
    // The records behind `after`; none: that was all.
    Result<std::vector<Copy>> copy_chunk(MDB_dbi database, std::string const& after) const;
    Result<std::string> get(MDB_dbi database, SpoolId id) const;
    DamagedMessage damaged_message(SpoolId id, std::string_view note) const;
    Result<QueueItem> read(MDB_txn* transaction, SpoolId id) const;
    Result<BodyReader> open_file(QueueItem const& item) const;
    Error error(std::string_view action, int code) const { return from_lmdb(action, path_, code); }

    Database const& database_;
    BodyDirectory& bodies_;
    std::string path_;
    std::size_t chunk_;
};

}  // namespace splitmx::spool::disk
