#include "history/book.hpp"

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <thread>

#include "history/recorder.hpp"

using namespace splitmx;
using namespace splitmx::history;

namespace {

mail::Instant at(std::int64_t seconds) {
    return mail::Instant(std::chrono::seconds(1'795'252'364 + seconds));
}

Record record(std::int64_t second, Kind kind, std::string id) {
    Record made;
    made.at = at(second);
    made.kind = kind;
    made.id = std::move(id);
    return made;
}

Record everything() {
    auto made = record(3, Kind::resolve, "8FQ2K7M1D4");
    made.session = "8FQ2K7M1D3";
    made.sender = "bob@example.net";
    made.recipient = "carl@contoso.com";
    made.original = "Carl@Contoso.com";
    made.host = "notes";
    made.reply = "custom_recipient";
    made.client = "192.0.2.10";
    made.related = "8FQ2K7M1D9";
    made.size = 2311;
    made.decision = "{\"address\":\"x\"}";
    made.config = "0a1b2c3d";
    return made;
}

bool is_alike(Record const& a, Record const& b) {
    return a.at == b.at && a.kind == b.kind && a.id == b.id && a.session == b.session &&
           a.sender == b.sender && a.recipient == b.recipient && a.original == b.original &&
           a.host == b.host && a.reply == b.reply && a.client == b.client &&
           a.related == b.related && a.size == b.size && a.decision == b.decision &&
           a.config == b.config;
}

// `splitmx trace` and `SELECT` of an administrator must not be able to differ.
std::vector<std::string> ids(Reader& reader, char const* address, std::int64_t since = -100) {
    auto const found = reader.ids_of(address, {at(since)}, 100);
    REQUIRE(found.has_value());
    return *found;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("history: words of kinds") {
    for (int i = 1; i <= 8; ++i) {
        auto const kind = static_cast<Kind>(i);
        CHECK(kind_named(to_text(kind)) == kind);
    }
    CHECK(to_text(Kind::receive) == "RECEIVE");
    CHECK(to_text(Kind::drop) == "DROP");
    CHECK_FALSE(kind_named("receive"));
}

TEST_CASE("history: what was written is read, also by another program at the same time") {
    support::TemporaryDirectory const folder;
    auto const file = folder.path() / "history.db";
    auto writer = Writer::open(file);
    REQUIRE(writer.has_value());
    auto odd = record(4, Kind::send, "8FQ2K7M1D4");
    odd.reply = std::string("a\0b\xff\n\"';--", 10);
    auto dsn = record(5, Kind::dsn, "8FQ2K7M1D4");
    dsn.related = "8FQ2K7M1D7";
    std::vector<Record> const all{odd, everything(), dsn, record(1, Kind::receive, "OTHER")};
    REQUIRE(writer->append(all).has_value());
    auto reader = Reader::open(file);
    REQUIRE(reader.has_value());
    auto const found = reader->of_id("8FQ2K7M1D4");
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 3);
    CHECK(is_alike((*found)[0], everything()));
    CHECK(is_alike((*found)[1], odd));
    // The report leads to the message that it is about.
    auto const about = reader->of_id("8FQ2K7M1D7");
    REQUIRE(about->size() == 1);
    CHECK(is_alike((*about)[0], dsn));
    CHECK(reader->of_id("' OR 1=1 --")->empty());
    REQUIRE(writer->append(std::vector{record(6, Kind::fail, "8FQ2K7M1D4")}).has_value());
    CHECK(reader->of_id("8FQ2K7M1D4")->size() == 4);
}

TEST_CASE("history: messages of an address") {
    support::TemporaryDirectory const folder;
    auto const file = folder.path() / "history.db";
    auto writer = Writer::open(file);
    auto sent = record(1, Kind::receive, "A");
    sent.sender = "Bob@Example.net";
    auto taken = record(2, Kind::send, "B");
    taken.recipient = "carl@foreign.example";
    taken.original = "carl@contoso.com";
    auto null = record(3, Kind::receive, "C");
    REQUIRE(writer->append(std::vector{sent, taken, null}).has_value());
    auto reader = Reader::open(file);
    CHECK(ids(*reader, "bob@example.NET") == Ids{"A"});
    CHECK(ids(*reader, "carl@foreign.example") == Ids{"B"});
    CHECK(ids(*reader, "CARL@contoso.com") == Ids{"B"});
    CHECK(ids(*reader, "bob@example.net", 2).empty());
    CHECK(ids(*reader, "").empty());
    CHECK(ids(*reader, "%").empty());
    auto again = record(9, Kind::receive, "D");
    again.sender = "bob@example.net";
    REQUIRE(writer->append(std::vector{again}).has_value());
    CHECK(ids(*reader, "bob@example.net") == Ids{"D", "A"});
    CHECK(reader->ids_of("bob@example.net", {at(-100)}, 1)->size() == 1);
}

TEST_CASE("history: distinct envelopes") {
    support::TemporaryDirectory const folder;
    auto writer = Writer::open(folder.path() / "history.db");
    auto one = everything();
    auto later = everything();
    later.at = at(50);
    auto other = everything();
    other.original = "anna@adatum.com";
    REQUIRE(writer->append(std::vector{one, later, other, record(1, Kind::send, "X")}).has_value());
    auto reader = Reader::open(folder.path() / "history.db");
    std::vector<std::pair<std::string, std::uint64_t>> seen;
    auto const visit = [&](Reader::Envelope const& envelope) {
        seen.emplace_back(envelope.recipient, envelope.times);
        return true;
    };
    REQUIRE(reader->envelopes(at(-100), visit).has_value());
    CHECK(seen == decltype(seen){{"anna@adatum.com", 1}, {"Carl@Contoso.com", 2}});
    seen.clear();
    REQUIRE(reader->envelopes(at(10), visit).has_value());
    CHECK(seen == decltype(seen){{"Carl@Contoso.com", 1}});
    int visited = 0;
    REQUIRE(reader->envelopes(at(-100), [&](auto const&) { return ++visited == 100; }).has_value());
    CHECK(visited == 1);
}

TEST_CASE("history: what is old is forgotten, a part at a time") {
    support::TemporaryDirectory const folder;
    auto writer = Writer::open(folder.path() / "history.db");
    std::vector<Record> all;
    for (int i = 0; i < 10; ++i) all.push_back(record(i, Kind::send, "I" + std::to_string(i)));
    REQUIRE(writer->append(all).has_value());
    CHECK(*writer->forget_before(at(6), 4) == 4);
    CHECK(*writer->forget_before(at(6), 4) == 2);
    CHECK(*writer->forget_before(at(6), 4) == 0);
    auto reader = Reader::open(folder.path() / "history.db");
    CHECK(reader->of_id("I5")->empty());
    CHECK(reader->of_id("I6")->size() == 1);
}

TEST_CASE("history: files that are none") {
    support::TemporaryDirectory const folder;
    auto const none = Reader::open(folder.path() / "none.db");
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().what.find("none.db") != std::string::npos);
    {
        std::ofstream text(folder.path() / "text.db");
        text << std::string(10000, 'x');
    }
    CHECK_FALSE(Reader::open(folder.path() / "text.db").has_value());
    CHECK_FALSE(Writer::open(folder.path() / "text.db").has_value());
    CHECK_FALSE(Writer::open(folder.path() / "missing" / "history.db").has_value());
    {
        auto later = Database::open(folder.path() / "later.db", Database::Mode::write);
        REQUIRE(later->run("PRAGMA user_version = 2").has_value());
    }
    auto const writer = Writer::open(folder.path() / "later.db");
    REQUIRE_FALSE(writer.has_value());
    CHECK(
        writer.error().what.find("a history of version 2, this program knows 1") !=
        std::string::npos
    );
    CHECK_FALSE(Reader::open(folder.path() / "later.db").has_value());
}

TEST_CASE("history: only the owner and the group read it") {
    support::TemporaryDirectory const folder;
    auto writer = Writer::open(folder.path() / "history.db");
    auto const mode = std::filesystem::status(folder.path() / "history.db").permissions();
    CHECK((mode & std::filesystem::perms::others_all) == std::filesystem::perms::none);
}

TEST_CASE("recorder: all that is recorded is there at its end") {
    support::TemporaryDirectory const folder;
    Recorder::Settings settings;
    settings.file = folder.path() / "history.db";
    settings.keep = std::chrono::hours(24 * 365 * 100);
    auto opened = Recorder::open(settings);
    REQUIRE(opened.has_value());
    {
        auto recorder = std::move(*opened);
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&recorder] {
                for (int i = 0; i < 1000; ++i) recorder->record(record(i, Kind::send, "ID"));
            });
        }
        threads.clear();
        CHECK(recorder->dropped() == 0);
    }
    auto reader = Reader::open(settings.file);
    CHECK(reader->of_id("ID")->size() == 4000);
}

TEST_CASE("recorder: a disk that is too slow costs records, not time") {
    support::TemporaryDirectory const folder;
    Recorder::Settings settings;
    settings.file = folder.path() / "history.db";
    settings.keep = std::chrono::hours(24 * 365 * 100);
    settings.most_queued = 10;
    std::mutex mutex;
    std::string told;
    settings.on_trouble = [&](std::string what) {
        std::lock_guard const lock(mutex);
        told += what + "\n";
    };
    auto opened = Recorder::open(settings);
    auto recorder = std::move(*opened);
    // Somebody keeps the file locked: nothing can be written for a while.
    auto other = Database::open(settings.file, Database::Mode::write);
    REQUIRE(other->run("BEGIN EXCLUSIVE").has_value());
    for (int i = 0; i < 10'000; ++i) recorder->record(record(i, Kind::send, "ID"));
    CHECK(recorder->dropped() >= 10'000 - 20);
    REQUIRE(other->run("COMMIT").has_value());
    recorder.reset();
    std::lock_guard const lock(mutex);
    CHECK(
        told.find("records were dropped: the disk is too slow for the history") != std::string::npos
    );
    auto reader = Reader::open(settings.file);
    CHECK_FALSE(reader->of_id("ID")->empty());
}

TEST_CASE("recorder: old records go by themselves") {
    support::TemporaryDirectory const folder;
    Recorder::Settings settings;
    settings.file = folder.path() / "history.db";
    settings.keep = std::chrono::hours(1);
    {
        auto writer = Writer::open(settings.file);
        auto old = record(0, Kind::send, "OLD");
        old.at = std::chrono::time_point_cast<mail::Instant::duration>(
            std::chrono::system_clock::now() - std::chrono::hours(2)
        );
        auto fresh = old;
        fresh.id = "FRESH";
        fresh.at += std::chrono::hours(2);
        REQUIRE(writer->append(std::vector{old, fresh}).has_value());
    }
    auto recorder = std::move(*Recorder::open(settings));
    auto reader = Reader::open(settings.file);
    for (int i = 0; i < 600 && !reader->of_id("OLD")->empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    CHECK(reader->of_id("OLD")->empty());
    CHECK(reader->of_id("FRESH")->size() == 1);
}
