#include "history/database.hpp"

#include <sqlite3.h>

namespace splitmx::history {

namespace {

// A reader waits so long for a writer that has just begun, and the other way round.
constexpr int busy_milliseconds = 5000;

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

void Statement::bind(int place, std::string_view text) {
    auto const size = static_cast<sqlite3_uint64>(text.size());
    // A null pointer would be NULL, not an empty text.
    char const* const octets = text.data() ? text.data() : "";
    sqlite3_bind_text64(statement_.get(), place, octets, size, SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int place, std::int64_t number) {
    sqlite3_bind_int64(statement_.get(), place, number);
}

mail::Result<bool> Statement::step() {
    auto const code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    sqlite3_reset(statement_.get());
    if (code == SQLITE_DONE) return false;
    return mail::Error{sqlite3_errmsg(sqlite3_db_handle(statement_.get())), 0};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::string Statement::text(int column) const {
    auto const* const octets = sqlite3_column_text(statement_.get(), column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    if (!octets) return {};
    return {static_cast<char const*>(static_cast<void const*>(octets)), size};
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

mail::Error Database::error(int code) const {
    auto const* const text = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
    return mail::Error{text, 0};
}

mail::Result<Database> Database::open(std::filesystem::path const& file, Mode mode) {
    sqlite3* handle = nullptr;
    int const flags =
        mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    auto const code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) {
        return mail::Error{file.string() + ": " + database.error(code).what, 0};
    }
    sqlite3_busy_timeout(handle, busy_milliseconds);
    return database;
}

mail::Result<void> Database::run(char const* sql) {
    auto const code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error(code);
    return {};
}

mail::Result<Statement> Database::prepare(char const* sql) {
    sqlite3_stmt* statement = nullptr;
    auto const code =
        sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error(code);
    return Statement(statement);
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

}  // namespace splitmx::history
