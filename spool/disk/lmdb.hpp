// The little of LMDB that this room uses, as owned things: an environment with the databases of a
// spool, and transactions that end with their owner.
// A read transaction pins pages and lives for one call only. Threads: ReadTransaction any, each its
// own; WriteTransaction one at a time. Errors: from_lmdb(). Source: LMDB 0.9, lmdb.h.
#pragma once

#include "spool/errc.hpp"
#include "spool/spool_id.hpp"

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::spool::disk {

Error from_lmdb(std::string_view action, std::string_view path, int code);

// Big-endian, so that LMDB's order is that of the ids.
class Key {
public:
    explicit Key(SpoolId id);
    MDB_val value() const { return {octets_.size(), octets_.data()}; }
    // Nothing that a source gives when it is no key of ours.
    static SpoolId id_of(MDB_val const& key);

private:
    mutable std::array<unsigned char, 8> octets_;
};

inline std::string_view view_of(MDB_val const& value) {
    return {static_cast<char const*>(value.mv_data), value.mv_size};
}

class Transaction {
public:
    enum class Kind { read, write };
    static Result<Transaction> begin(MDB_env* environment, Kind kind);

    MDB_txn* get() const { return owner_.get(); }
    int commit() { return mdb_txn_commit(owner_.release()); }

private:
    struct Abort {
        void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
    };
    explicit Transaction(MDB_txn* transaction) : owner_(transaction) {}

    std::unique_ptr<MDB_txn, Abort> owner_;
};

struct CloseCursor {
    void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CloseCursor>;

struct CloseEnvironment {
    void operator()(MDB_env* environment) const { mdb_env_close(environment); }
};

// An open environment whose format was checked, or a new one.
struct Database {
    std::unique_ptr<MDB_env, CloseEnvironment> environment;
    MDB_dbi envelope = 0;
    MDB_dbi body = 0;
    MDB_dbi meta = 0;
    // Messages that were set aside: what is noted about them, and what was found in the two above.
    struct Damaged {
        MDB_dbi note = 0;
        MDB_dbi envelope = 0;
        MDB_dbi body = 0;
    };
    std::optional<Damaged> damaged;  // none: the spool is of format 1 and only looked at

    // Errors: wrong_version when it is the file of another version or program.
    static Result<Database> open(std::string const& path, std::uint64_t map_size);
    // Of a spool that may be in use, or of nobody's. Not in the process that has it open.
    static Result<Database> open_to_read(std::string const& path);
};

inline constexpr std::string_view meta_last_id = "last-id";
inline constexpr std::string_view meta_journal = "journal";  // its mark; none: it is not in use

MDB_val to_value(std::string_view octets);

}  // namespace splitmx::spool::disk
