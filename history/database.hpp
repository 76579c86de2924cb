// SQLite as far as the history needs it: a data base, and statements that are prepared once.
// Threads: one at a time. Ownership: statements end before their data base. Errors: the text of
// SQLite. Source: sqlite.org/c3ref.
#pragma once

#include "mail/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace splitmx::history {

class Statement {
public:
    // Texts have to live until the next step() has been made.
    void bind(int place, std::string_view text);
    void bind(int place, std::int64_t number);
    // Whether there is a row. After the last one the statement may be used again.
    mail::Result<bool> step();
    void reset();

    std::string text(int column) const;
    std::int64_t number(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
public:
    enum class Mode { read, write };  // write: made where it is not there

    static mail::Result<Database> open(std::filesystem::path const& file, Mode mode);

    mail::Result<void> run(char const* sql);
    mail::Result<Statement> prepare(char const* sql);
    std::int64_t changes() const;  // of the last statement

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    mail::Error error(int code) const;

    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace splitmx::history
