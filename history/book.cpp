#include "history/book.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <utility>

namespace splitmx::history {

namespace {

constexpr std::int64_t version = 1;

// `id` finds a message, `related` the report about it; addresses are found in either spelling.
constexpr char const* schema = R"(
    CREATE TABLE record(
        at INTEGER NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, session TEXT NOT NULL,
        sender TEXT NOT NULL COLLATE NOCASE, recipient TEXT NOT NULL COLLATE NOCASE,
        original TEXT NOT NULL COLLATE NOCASE, host TEXT NOT NULL, reply TEXT NOT NULL,
        client TEXT NOT NULL, related TEXT NOT NULL, size INTEGER NOT NULL,
        decision TEXT NOT NULL, config TEXT NOT NULL);
    CREATE INDEX record_id ON record(id);
    CREATE INDEX record_at ON record(at);
    CREATE INDEX record_sender ON record(sender, at) WHERE sender <> '';
    CREATE INDEX record_recipient ON record(recipient, at) WHERE recipient <> '';
    CREATE INDEX record_original ON record(original, at) WHERE original <> '' AND original <> recipient;
    CREATE INDEX record_related ON record(related) WHERE related <> '';
    PRAGMA user_version = 1;
)";

constexpr char const* columns =
    "at, kind, id, session, sender, recipient, original, host, reply, client, related, size, "
    "decision, config";

mail::Error named(std::filesystem::path const& file, mail::Error const& error) {
    return mail::Error{fmt::format("{}: {}", file.string(), error.what), 0};
}

mail::Result<std::int64_t> version_of(Database& database) {
    auto statement = database.prepare("PRAGMA user_version");
    if (!statement) return statement.error();
    auto const row = statement->step();
    if (!row) return row.error();
    auto const number = statement->number(0);
    statement->reset();
    return number;
}

std::int64_t milliseconds(mail::Instant at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

Record record_of(Statement const& row) {
    Record record;
    record.at = mail::Instant(std::chrono::milliseconds(row.number(0)));
    record.kind = static_cast<Kind>(row.number(1));
    record.id = row.text(2);
    record.session = row.text(3);
    record.sender = row.text(4);
    record.recipient = row.text(5);
    record.original = row.text(6);
    record.host = row.text(7);
    record.reply = row.text(8);
    record.client = row.text(9);
    record.related = row.text(10);
    record.size = static_cast<std::uint64_t>(row.number(11));
    record.decision = row.text(12);
    record.config = row.text(13);
    return record;
}

mail::Error unknown_version(std::filesystem::path const& file, std::int64_t found) {
    return mail::Error{
        fmt::format(
            "{}: a history of version {}, this program knows {}", file.string(), found, version
        ),
        0};
}

mail::Result<void> make_tables(Database& database, std::filesystem::path const& file) {
    // Losing the last moments in a power cut is no harm; a damaged file would be.
    auto const prepared = database.run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY"
    );
    if (!prepared) return named(file, prepared.error());
    auto const found = version_of(database);
    if (!found) return named(file, found.error());
    if (*found == version) return {};
    if (*found != 0) return unknown_version(file, *found);
    auto const made = database.run((std::string("BEGIN;") + schema + "COMMIT").c_str());
    if (!made) return named(file, made.error());
    return {};
}

}  // namespace

mail::Result<Writer> Writer::open(std::filesystem::path const& file) {
    // Only the owner and the group may read who wrote to whom.
    auto const mask = ::umask(0027);
    auto database = Database::open(file, Database::Mode::write);
    auto const made =
        database ? make_tables(*database, file) : mail::Result<void>(database.error());
    ::umask(mask);
    if (!made) return made.error();
    auto insert = database->prepare(
        fmt::format("INSERT INTO record({}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", columns).c_str()
    );
    if (!insert) return named(file, insert.error());
    auto forget = database->prepare(
        "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE at < ? ORDER BY at "
        "LIMIT ?)"
    );
    if (!forget) return named(file, forget.error());
    return Writer(std::move(*database), std::move(*insert), std::move(*forget));
}

mail::Result<void> Writer::append(std::span<Record const> records) {
    if (auto const begun = database_.run("BEGIN IMMEDIATE"); !begun) return begun;
    for (auto const& record : records) {
        auto const done = insert(record);
        if (done) continue;
        static_cast<void>(database_.run("ROLLBACK"));
        return done;
    }
    auto const committed = database_.run("COMMIT");
    if (!committed) static_cast<void>(database_.run("ROLLBACK"));
    return committed;
}

mail::Result<void> Writer::insert(Record const& record) {
    insert_.bind(1, milliseconds(record.at));
    insert_.bind(2, static_cast<std::int64_t>(record.kind));
    insert_.bind(3, record.id);
    insert_.bind(4, record.session);
    insert_.bind(5, record.sender);
    insert_.bind(6, record.recipient);
    insert_.bind(7, record.original);
    insert_.bind(8, record.host);
    insert_.bind(9, record.reply);
    insert_.bind(10, record.client);
    insert_.bind(11, record.related);
    insert_.bind(12, static_cast<std::int64_t>(record.size));
    insert_.bind(13, record.decision);
    insert_.bind(14, record.config);
    auto const done = insert_.step();
    if (!done) return done.error();
    return {};
}

mail::Result<std::int64_t> Writer::forget_before(mail::Instant time, std::int64_t most) {
    forget_.bind(1, milliseconds(time));
    forget_.bind(2, most);
    auto const done = forget_.step();
    if (!done) return done.error();
    return database_.changes();
}

mail::Result<Reader> Reader::open(std::filesystem::path const& file) {
    auto database = Database::open(file, Database::Mode::read);
    if (!database) return database.error();
    auto const found = version_of(*database);
    if (!found) return named(file, found.error());
    if (*found != version) return unknown_version(file, *found);
    return Reader(std::move(*database));
}

mail::Result<std::vector<Record>> Reader::of_id(std::string_view id) {
    auto statement = database_.prepare(
        fmt::format(
            "SELECT {} FROM record WHERE id = ?1 OR related = ?1 ORDER BY at, rowid", columns
        )
            .c_str()
    );
    if (!statement) return statement.error();
    statement->bind(1, id);
    std::vector<Record> records;
    for (;;) {
        auto const row = statement->step();
        if (!row) return row.error();
        if (!*row) return records;
        records.push_back(record_of(*statement));
    }
}

mail::Result<std::vector<std::string>> Reader::ids_of(
    std::string_view address, Span span, std::int64_t most
) {
    auto statement = database_.prepare(
        "SELECT id, min(at) FROM (SELECT id, at FROM record WHERE sender = ?1 AND sender <> '' AND "
        "at >= ?2 AND at < ?4"
        " UNION SELECT id, at FROM record WHERE recipient = ?1 AND recipient <> '' AND at >= ?2"
        "   AND at < ?4"
        " UNION SELECT id, at FROM record WHERE original = ?1 AND original <> ''"
        "   AND original <> recipient AND at >= ?2 AND at < ?4)"
        " GROUP BY id ORDER BY 2 DESC, 1 DESC LIMIT ?3"
    );
    if (!statement) return statement.error();
    statement->bind(1, address);
    statement->bind(2, milliseconds(span.since));
    statement->bind(3, most);
    statement->bind(4, milliseconds(span.until));
    std::vector<std::string> ids;
    for (;;) {
        auto const row = statement->step();
        if (!row) return row.error();
        if (!*row) return ids;
        ids.push_back(statement->text(0));
    }
}

mail::Result<void> Reader::envelopes(
    mail::Instant since, std::function<bool(Envelope const&)> const& visit
) {
    auto statement = database_.prepare(
        "SELECT sender, original, client, count(*) FROM record WHERE kind = 2 AND at >= ?"
        " GROUP BY 1, 2, 3 ORDER BY 2, 1, 3"
    );
    if (!statement) return statement.error();
    statement->bind(1, milliseconds(since));
    for (;;) {
        auto const row = statement->step();
        if (!row) return row.error();
        if (!*row) return {};
        Envelope const envelope{
            statement->text(0),
            statement->text(1),
            statement->text(2),
            static_cast<std::uint64_t>(statement->number(3))};
        if (visit(envelope)) continue;
        statement->reset();
        return {};
    }
}

}  // namespace splitmx::history
