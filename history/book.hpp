// The history's file: written by the relay, read by the tool, also while the relay runs or is down.
// One table of records. Version 1; a file of a later version is not touched.
// Threads: one at a time. Errors: the text of SQLite with the file's name.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "history/database.hpp"
#include "history/record.hpp"

namespace splitmx::history {

class Writer {
public:
    // Makes the file where it is not there, for its owner and group alone.
    static mail::Result<Writer> open(std::filesystem::path const& file);

    // All of them, or none.
    mail::Result<void> append(std::span<Record const> records);
    // At most `most` at a time, so that a long history does not hold up what comes in. How many.
    mail::Result<std::int64_t> forget_before(mail::Instant time, std::int64_t most);

private:
    Writer(Database database, Statement insert, Statement forget)
        : database_(std::move(database)), insert_(std::move(insert)), forget_(std::move(forget)) {}
    mail::Result<void> insert(Record const& record);

    Database database_;
    Statement insert_;
    Statement forget_;
};

// From the first moment on, before the second.
struct Span {
    mail::Instant since;
    mail::Instant until = mail::Instant::max();
};

class Reader {
public:
    static mail::Result<Reader> open(std::filesystem::path const& file);

    // All that is known of this message (or session), oldest first; also of reports about it.
    mail::Result<std::vector<Record>> of_id(std::string_view id);
    // Ids of messages that this address sent, was sent or is told of, newest first.
    mail::Result<std::vector<std::string>> ids_of(
        std::string_view address, Span span, std::int64_t most
    );
    // Distinct (sender, recipient as typed, client) since then, for decisions by another
    // configuration. `visit` gives false to end.
    struct Envelope {
        std::string sender;
        std::string recipient;
        std::string client;
        std::uint64_t times = 0;
    };
    mail::Result<void> envelopes(
        mail::Instant since, std::function<bool(Envelope const&)> const& visit
    );

private:
    explicit Reader(Database database) : database_(std::move(database)) {}

    Database database_;
};

}  // namespace splitmx::history
