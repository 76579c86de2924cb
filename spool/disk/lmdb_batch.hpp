// The changes of one batch, inside one write transaction of LMDB.
// Ownership: transaction and database outlive it; it neither commits nor aborts. Threads: the
// writing one. Errors: as Store::apply() tells; after one the transaction must be aborted.
#pragma once

#include "spool/disk/journal.hpp"
#include "spool/disk/lmdb.hpp"
#include "spool/store.hpp"

#include <vector>

namespace splitmx::spool::disk {

class LmdbBatch {
public:
    // `last_id`: the highest id so far.
    LmdbBatch(MDB_txn* transaction, Database const& database, SpoolId last_id)
        : transaction_(transaction), database_(database), last_id_(last_id) {}

    // What the journal has; one that is there already stays.
    Result<void> move(SpoolId id, StoredMessage const& message);
    Result<void> operator()(Put const& put);
    Result<void> operator()(Update const& update);
    Result<void> operator()(Remove const& remove);
    Result<void> operator()(SetAside const& aside);
    Result<void> operator()(Discard const& discard);
    // An id that was given, though nothing here has it.
    void raise_last_id(SpoolId id);
    Result<void> set_mark(JournalMark const& mark) const;
    Result<void> clear_mark() const;
    // After the last change.
    Result<void> write_last_id();

    // Body files that have no record any more, once this is committed.
    std::vector<SpoolId> const& files_to_remove() const { return files_to_remove_; }
    std::vector<SpoolId> const& files_to_set_aside() const { return files_to_set_aside_; }
    std::vector<SpoolId> const& files_to_discard() const { return files_to_discard_; }

private:
    int put(SpoolId id, std::string_view record, InlineBody const* body);
    int put_new(
        MDB_dbi database, Key const& key, std::string_view octets, bool is_newest = false
    ) const;
    Result<void> update_at(MDB_dbi database, Key const& key, QueueItem const& item) const;
    // Nothing to move is fine.
    int move(MDB_dbi from, MDB_dbi to, Key const& key) const;

    MDB_txn* transaction_;
    Database const& database_;
    SpoolId last_id_;
    bool last_id_changed_ = false;
    std::vector<SpoolId> files_to_remove_;
    std::vector<SpoolId> files_to_set_aside_;
    std::vector<SpoolId> files_to_discard_;
};

}  // namespace splitmx::spool::disk
