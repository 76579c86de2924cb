// The changes of one batch, inside one write transaction of LMDB.
// Ownership: transaction and database outlive it; it neither commits nor aborts. Threads: the
// writing one. Errors: as Store::apply() tells; after one the transaction must be aborted.
#pragma once

#include "spool/lmdb.hpp"
#include "spool/store.hpp"

#include <vector>

namespace splitmx::spool {

class LmdbBatch {
public:
    // `last_id`: the highest id so far.
    LmdbBatch(MDB_txn* transaction, Database const& database, SpoolId last_id)
        : transaction_(transaction), database_(database), last_id_(last_id) {}

    Result<void> operator()(Put const& put);
    Result<void> operator()(Update const& update);
    Result<void> operator()(Remove const& remove);
    // After the last change.
    Result<void> write_last_id();

    // Body files that have no record any more, once this is committed.
    std::vector<SpoolId> const& files_to_remove() const { return files_to_remove_; }

private:
    int put_new(MDB_dbi database, Key const& key, std::string_view octets) const;

    MDB_txn* transaction_;
    Database const& database_;
    SpoolId last_id_;
    bool last_id_changed_ = false;
    std::vector<SpoolId> files_to_remove_;
};

}  // namespace splitmx::spool
