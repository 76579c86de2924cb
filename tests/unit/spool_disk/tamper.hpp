// Damage to a spool, done behind the store's back.
#pragma once

#include "spool/disk/lmdb.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>

namespace splitmx::spool::disk {

// Changes the databases behind the store's back, while it is closed.
inline void tamper(
    std::string const& path, std::function<void(MDB_txn*, Database const&)> const& change
) {
    auto const database = Database::open(path, 2 << 20);
    REQUIRE(database);
    auto transaction = Transaction::begin(database->environment.get(), Transaction::Kind::write);
    REQUIRE(transaction);
    change(transaction->get(), *database);
    REQUIRE(transaction->commit() == MDB_SUCCESS);
}

inline void overwrite(
    MDB_txn* transaction, MDB_dbi database, MDB_val key, std::string const& octets
) {
    MDB_val value = to_value(octets);
    REQUIRE(mdb_put(transaction, database, &key, &value, 0) == MDB_SUCCESS);
}

inline std::string value_of(MDB_txn* transaction, MDB_dbi database, MDB_val key) {
    MDB_val found{};
    REQUIRE(mdb_get(transaction, database, &key, &found) == MDB_SUCCESS);
    return std::string(view_of(found));
}

// Changes one octet of a value.
inline void flip(MDB_txn* transaction, MDB_dbi database, SpoolId id, std::size_t position) {
    Key const key(id);
    auto octets = value_of(transaction, database, key.value());
    octets.at(position) ^= 1;
    overwrite(transaction, database, key.value(), octets);
}

}  // namespace splitmx::spool::disk
