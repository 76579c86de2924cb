#include "spool/disk/lmdb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace splitmx::spool::disk {

namespace {

constexpr unsigned max_readers = 512;
constexpr unsigned max_databases = 6;
constexpr std::uint64_t first_write_octets = 2 * 4096;  // two meta pages, at least
// A spool that is only looked at may grow meanwhile, so its map is larger than it is now.
constexpr std::uint64_t growth = std::uint64_t{1} << 30;
constexpr std::string_view meta_format = "format";
constexpr std::string_view format = "splitmx-spool 4";
// The records are the same or are read as they are (queue_item.hpp): only the name changes, so that
// an older program does not take the newer records for damaged ones, or leave out the journal.
constexpr std::array<std::string_view, 3> older_formats{
    "splitmx-spool 1", "splitmx-spool 2", "splitmx-spool 3"};

enum class Access { write, read };

Errc cause_of(int code) {
    switch (code) {
        case MDB_MAP_FULL:
        case MDB_TXN_FULL:
            return Errc::no_space;
        case MDB_INVALID:
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
            return Errc::damaged;
        case MDB_VERSION_MISMATCH:
        case MDB_INCOMPATIBLE:
            return Errc::wrong_version;
        case MDB_NOTFOUND:
            return Errc::not_found;
        default:
            return Errc::io;
    }
}

// A data file that holds something, but not our `meta`, belongs to somebody else.
Result<bool> is_new(MDB_txn* transaction, std::string const& path) {
    MDB_dbi main = 0;
    MDB_stat about{};
    int code = mdb_dbi_open(transaction, nullptr, 0, &main);
    if (code == MDB_SUCCESS) code = mdb_stat(transaction, main, &about);
    if (code != MDB_SUCCESS) return from_lmdb("open", path, code);
    return about.ms_entries == 0;
}

Result<void> write_format(MDB_txn* transaction, Database& database, std::string const& path) {
    int code = mdb_dbi_open(transaction, "meta", MDB_CREATE, &database.meta);
    MDB_val key = to_value(meta_format);
    MDB_val value = to_value(format);
    if (code == MDB_SUCCESS) code = mdb_put(transaction, database.meta, &key, &value, 0);
    if (code != MDB_SUCCESS) return from_lmdb("write", path, code);
    return {};
}

Result<void> check_format(
    MDB_txn* transaction, Database& database, std::string const& path, Access access
) {
    int code = mdb_dbi_open(transaction, "meta", 0, &database.meta);
    MDB_val key = to_value(meta_format);
    MDB_val found{};
    if (code == MDB_SUCCESS) code = mdb_get(transaction, database.meta, &key, &found);
    if (code == MDB_NOTFOUND) {
        return Error{Errc::wrong_version, fmt::format("{} is not a spool of this program", path)};
    }
    if (code != MDB_SUCCESS) return from_lmdb("read", path, code);
    if (view_of(found) == format) return {};
    auto const is_older =
        std::find(older_formats.begin(), older_formats.end(), view_of(found)) != older_formats.end();
    if (is_older) {
        return access == Access::read ? Result<void>() : write_format(transaction, database, path);
    }
    return Error{
        Errc::wrong_version,
        fmt::format("{} has the format `{}`, not `{}`", path, view_of(found), format)};
}

int open_damaged(MDB_txn* transaction, unsigned flags, Database::Damaged& damaged) {
    int code = mdb_dbi_open(transaction, "damaged", flags, &damaged.note);
    if (code == MDB_SUCCESS) {
        code = mdb_dbi_open(transaction, "damaged-envelope", flags, &damaged.envelope);
    }
    if (code == MDB_SUCCESS) {
        code = mdb_dbi_open(transaction, "damaged-body", flags, &damaged.body);
    }
    return code;
}

Result<void> open_databases(Database& database, std::string const& path) {
    auto transaction = Transaction::begin(database.environment.get(), Transaction::Kind::write);
    if (!transaction) return transaction.error();
    auto* const handle = transaction->get();
    auto const fresh = is_new(handle, path);
    if (!fresh) return fresh.error();
    auto checked = *fresh ? write_format(handle, database, path)
                          : check_format(handle, database, path, Access::write);
    if (!checked) return checked;
    int code = mdb_dbi_open(handle, "envelope", MDB_CREATE, &database.envelope);
    if (code == MDB_SUCCESS) code = mdb_dbi_open(handle, "body", MDB_CREATE, &database.body);
    if (code == MDB_SUCCESS)
        code = open_damaged(handle, MDB_CREATE, database.damaged.emplace(Database::Damaged{}));
    if (code == MDB_SUCCESS) code = transaction->commit();
    if (code != MDB_SUCCESS) return from_lmdb("write", path, code);
    return {};
}

Result<void> find_databases(Database& database, std::string const& path) {
    auto transaction = Transaction::begin(database.environment.get(), Transaction::Kind::read);
    if (!transaction) return transaction.error();
    auto* const handle = transaction->get();
    auto checked = check_format(handle, database, path, Access::read);
    if (!checked) return checked;
    int code = mdb_dbi_open(handle, "envelope", 0, &database.envelope);
    if (code == MDB_SUCCESS) code = mdb_dbi_open(handle, "body", 0, &database.body);
    if (code == MDB_SUCCESS) {
        Database::Damaged damaged;
        if (open_damaged(handle, 0, damaged) == MDB_SUCCESS) database.damaged = damaged;
        code = transaction->commit();  // which keeps the handles
    }
    if (code != MDB_SUCCESS) return from_lmdb("read", path, code);
    return {};
}

// Making a spool was cut off in its very first write: there can be nothing in it yet, but LMDB
// would not take it for a new one.
Result<void> put_away_unfinished(std::string const& path) {
    auto const file = path + "/data.mdb";
    std::error_code failure;
    auto const size = std::filesystem::file_size(file, failure);
    if (failure || size == 0 || size >= first_write_octets) return {};
    std::filesystem::rename(file, file + ".unfinished", failure);
    if (failure) return system_error("rename", file, failure.value());
    return {};
}

int create(Database& database) {
    MDB_env* environment = nullptr;
    int code = mdb_env_create(&environment);
    if (code != MDB_SUCCESS) return code;
    database.environment.reset(environment);
    code = mdb_env_set_maxdbs(environment, max_databases);
    if (code == MDB_SUCCESS) code = mdb_env_set_maxreaders(environment, max_readers);
    return code;
}

}  // namespace

Error from_lmdb(std::string_view action, std::string_view path, int code) {
    if (code > 0) return system_error(action, path, code);
    return {cause_of(code), fmt::format("cannot {} {}: {}", action, path, mdb_strerror(code))};
}

MDB_val to_value(std::string_view octets) {
    // LMDB takes what it only reads as void*.
    return {octets.size(), const_cast<char*>(octets.data())};
}

Key::Key(SpoolId id) {
    for (std::size_t i = 0; i < octets_.size(); ++i) {
        octets_[i] = static_cast<unsigned char>(id.value() >> (56 - 8 * i));
    }
}

SpoolId Key::id_of(MDB_val const& key) {
    std::uint64_t value = 0;
    for (char const c : view_of(key)) value = value << 8 | static_cast<unsigned char>(c);
    return SpoolId(value);
}

Result<Transaction> Transaction::begin(MDB_env* environment, Kind kind) {
    MDB_txn* transaction = nullptr;
    unsigned const flags = kind == Kind::read ? MDB_RDONLY : 0;
    int const code = mdb_txn_begin(environment, nullptr, flags, &transaction);
    if (code == MDB_SUCCESS) return Transaction(transaction);
    char const* path = "";
    mdb_env_get_path(environment, &path);
    return from_lmdb("begin a transaction in", path, code);
}

Result<Database> Database::open(std::string const& path, std::uint64_t map_size) {
    if (auto ready = put_away_unfinished(path); !ready) return ready.error();
    Database database;
    int code = create(database);
    auto* const environment = database.environment.get();
    if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(environment, map_size);
    // NOTLS: a reader belongs to its transaction, not to the thread that runs several of them.
    if (code == MDB_SUCCESS) code = mdb_env_open(environment, path.c_str(), MDB_NOTLS, 0600);
    if (code != MDB_SUCCESS) return from_lmdb("open", path, code);
    int stale = 0;
    code = mdb_reader_check(environment, &stale);
    if (code != MDB_SUCCESS) return from_lmdb("check the readers of", path, code);
    if (auto opened = open_databases(database, path); !opened) return opened.error();
    return database;
}

Result<Database> Database::open_to_read(std::string const& path) {
    // LMDB would leave a lock file where there is no spool, and one with the wrong owner where
    // nobody has opened it since it was copied there: then there is no owner to be kept apart from
    // either.
    std::error_code failure;
    if (!std::filesystem::exists(path + "/data.mdb", failure)) {
        return failure ? system_error("open", path, failure.value())
                       : Error{Errc::not_found, "there is no spool at " + path};
    }
    bool const locks = std::filesystem::exists(path + "/lock.mdb", failure);
    unsigned const flags = MDB_NOTLS | MDB_RDONLY | (locks ? 0U : unsigned{MDB_NOLOCK});
    Database database;
    int code = create(database);
    auto* const environment = database.environment.get();
    if (code == MDB_SUCCESS) code = mdb_env_open(environment, path.c_str(), flags, 0600);
    MDB_envinfo about{};
    if (code == MDB_SUCCESS) code = mdb_env_info(environment, &about);
    if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(environment, about.me_mapsize + growth);
    if (code != MDB_SUCCESS) return from_lmdb("open", path, code);
    if (auto found = find_databases(database, path); !found) return found.error();
    return database;
}

}  // namespace splitmx::spool::disk
