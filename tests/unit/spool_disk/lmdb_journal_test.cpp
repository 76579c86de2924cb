// The store with its journal: what goes there, what reaches the database, and what a process that
// dies leaves behind.
#include "spool/disk/inspector.hpp"
#include "spool/disk/journal_frame.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "tests/support/forgetful_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"
#include "tests/unit/spool_disk/tamper.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::TemporaryDirectory;

namespace {

LmdbStore::Options small() {
    LmdbStore::Options options;
    options.map_size = 8 << 20;
    options.disk_reserve = 0;
    return options;
}

using Ids = std::vector<std::uint64_t>;

// What `life` leaves when its process is killed at its end.
void kill_after(std::string const& path, std::function<void(LmdbStore&)> const& life) {
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto store = LmdbStore::open(path, small());
        if (!store) ::_exit(1);
        life(**store);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

// The ids that the database itself has, without the journal.
Ids in_database(std::string const& path) {
    auto const database = Database::open(path, small().map_size).value();
    auto const transaction =
        Transaction::begin(database.environment.get(), Transaction::Kind::read).value();
    MDB_cursor* opened = nullptr;
    REQUIRE(mdb_cursor_open(transaction.get(), database.envelope, &opened) == MDB_SUCCESS);
    Cursor const cursor(opened);
    Ids ids;
    MDB_val key{};
    MDB_val value{};
    while (mdb_cursor_get(opened, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        ids.push_back(Key::id_of(key).value());
    }
    return ids;
}

void put(Store& store, std::uint64_t id) {
    static_cast<void>(store.apply(one(sample_put(id, "body " + std::to_string(id)))));
}
void remove(Store& store, std::uint64_t id) {
    static_cast<void>(store.apply(one(Remove{SpoolId(id)})));
}

}  // namespace

TEST_CASE("journaled store: what comes and goes never reaches the database") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);  // the first one goes there: with it the journal begins
        for (std::uint64_t id = 2; id < 50; ++id) put(store, id);
        for (std::uint64_t id = 2; id < 48; ++id) remove(store, id);
    });
    CHECK(in_database(path) == Ids{1});
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(ids_of(*store) == Ids{1, 48, 49});
    CHECK(body_of(*store, 48).value() == "body 48");
    CHECK(store->usage().messages == 3);
    CHECK(store->last_id() == SpoolId(49));
    CHECK(store->lost_writes() == 0);
}

TEST_CASE("journaled store: a removal of what the database has is not undone by a kill") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        for (std::uint64_t id = 1; id <= 3; ++id) put(store, id);
        // One twice: moves all.
        static_cast<void>(store.apply(batch_of(Update{sample_item(2)}, Update{sample_item(2)})));
        put(store, 4);
        remove(store, 2);
        remove(store, 4);
        remove(store, 77);  // nobody's
    });
    CHECK(in_database(path) == Ids{1, 2, 3});
    for (int start = 0; start < 2; ++start) {
        auto const store = LmdbStore::open(path, small()).value();
        CHECK(ids_of(*store) == Ids{1, 3});
        CHECK(store->usage().messages == 2);
        CHECK(failed_with(store->read(SpoolId(2)), Errc::not_found));
        CHECK(failed_with(store->open_body(SpoolId(2)), Errc::not_found));
        CHECK(store->last_id() == SpoolId(4));
    }
    // Closed in good order, the journal has nothing any more.
    CHECK(in_database(path) == Ids{1, 3});
}

TEST_CASE("journaled store: an update of a new message counts, also after a kill") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        put(store, 2);
        put(store, 3);
        auto changed = sample_item(2);
        changed.helo = "changed";
        static_cast<void>(store.apply(one(Update{changed})));
        remove(store, 3);
        put(store, 4);
    });
    CHECK(in_database(path) == Ids{1});  // it was changed where it was
    for (int start = 0; start < 2; ++start) {
        auto const store = LmdbStore::open(path, small()).value();
        CHECK(ids_of(*store) == Ids{1, 2, 4});
        CHECK(store->read(SpoolId(2)).value().helo == "changed");
        CHECK(body_of(*store, 2).value() == "body 2");
        CHECK(store->usage().messages == 3);
    }
    CHECK(in_database(path) == Ids{1, 2, 4});
}

TEST_CASE("journaled store: an update of a record that cannot be read leaves it as it is") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        auto damaged = sample_put(2, "body 2");
        damaged.record = "no record";
        static_cast<void>(store.apply(one(std::move(damaged))));
        put(store, 3);
    });
    for (int start = 0; start < 2; ++start) {
        auto const store = LmdbStore::open(path, small()).value();
        auto changed = sample_item(3);
        changed.helo = "changed";
        REQUIRE(store->apply(batch_of(Update{sample_item(2)}, Update{changed})));
        CHECK(failed_with(store->read(SpoolId(2)), Errc::damaged));
        CHECK(store->read(SpoolId(3)).value().helo == "changed");
    }
}

TEST_CASE("journaled store: tells what is quick") {
    TemporaryDirectory const directory;
    auto const store = LmdbStore::open(directory.file("spool"), small()).value();
    // There is no journal before the first message.
    CHECK_FALSE(store->is_quick(sample_put(1, "one")));
    put(*store, 1);
    put(*store, 2);
    CHECK(store->is_quick(sample_put(3, "three")));
    CHECK(store->is_quick(Update{sample_item(2)}));
    CHECK(store->is_quick(Remove{SpoolId(2)}));
    // What is there already, what the database has, what is nowhere, and what only it can do.
    CHECK_FALSE(store->is_quick(sample_put(2, "again")));
    CHECK_FALSE(store->is_quick(sample_put(1, "again")));
    CHECK_FALSE(store->is_quick(Update{sample_item(1)}));
    CHECK_FALSE(store->is_quick(Remove{SpoolId(1)}));
    CHECK_FALSE(store->is_quick(Update{sample_item(9)}));
    CHECK_FALSE(store->is_quick(SetAside{SpoolId(2), at(std::chrono::seconds{60}), "why"}));
    CHECK_FALSE(store->is_quick(Discard{SpoolId(2)}));
    CHECK_FALSE(store->is_quick(file_put(store->bodies(), 4, "in a file")));
    CHECK_FALSE(store->is_quick(sample_put(4, std::string(300'000, 'x'))));
}

TEST_CASE("journaled store: not more than so much waits in memory") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    auto options = small();
    options.map_size = std::uint64_t{1} << 30;
    std::string const body(32'000, 'x');
    {
        auto const store = LmdbStore::open(path, options).value();
        for (std::uint64_t id = 1; id <= 600; ++id) {
            REQUIRE(store->apply(one(sample_put(id, body))));
        }
        // Those that make 16 MiB were moved, all at once.
        CHECK_FALSE(store->is_quick(Remove{SpoolId(500)}));
        CHECK(store->is_quick(Remove{SpoolId(600)}));
    }
    CHECK(ids_of(*LmdbStore::open(path, options).value()).size() == 600);
}

TEST_CASE("journaled store: a few may be larger, but not where most are") {
    TemporaryDirectory const directory;
    auto options = small();
    options.map_size = std::uint64_t{1} << 30;
    auto const store = LmdbStore::open(directory.file("spool"), options).value();
    std::string const larger(60'000, 'x');
    auto const put_many = [&](std::uint64_t first, std::uint64_t larger_every) {
        for (auto id = first; id < first + 300; ++id) {
            auto const body = id % larger_every == 0 ? larger : std::string("small");
            REQUIRE(store->apply(one(sample_put(id, body))));
            remove(*store, id);
        }
    };
    put_many(1, 10);
    CHECK(store->is_quick(sample_put(1000, larger)));
    put_many(301, 1);
    CHECK_FALSE(store->is_quick(sample_put(1000, larger)));
    CHECK(store->is_quick(sample_put(1000, std::string(32'000, 'x'))));
    put_many(601, 10);
    CHECK(store->is_quick(sample_put(1000, larger)));
}

TEST_CASE("journaled store: an id that is there is refused, wherever it is") {
    TemporaryDirectory const directory;
    auto const store = LmdbStore::open(directory.file("spool"), small()).value();
    put(*store, 5);
    put(*store, 7);
    for (std::uint64_t const id : {5, 7}) {
        auto const refused = store->apply(batch_of(sample_put(6, "six"), sample_put(id, "other")));
        CHECK(failed_with(refused, Errc::exists));
    }
    CHECK(ids_of(*store) == Ids{5, 7});
    put(*store, 6);
    CHECK(ids_of(*store) == Ids{5, 6, 7});
    CHECK(body_of(*store, 7).value() == "body 7");
}

TEST_CASE("journaled store: is full many times over") {
    // A journal of 1 MiB: some thirty of these, then all that is left is moved.
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    std::string const body(30'000, 'x');
    kill_after(path, [&](LmdbStore& store) {
        for (std::uint64_t id = 1; id <= 200; ++id) {
            if (!store.apply(one(sample_put(id, body)))) ::_exit(2);
            if (id > 5 && id % 10 != 0) remove(store, id - 5);
        }
    });
    Ids expected;
    for (std::uint64_t id = 1; id <= 200; ++id) {
        if (id > 195 || (id + 5) % 10 == 0) expected.push_back(id);
    }
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(ids_of(*store) == expected);
    for (auto const id : expected) CHECK((body_of(*store, id).value() == body));
    CHECK(store->usage().messages == expected.size());
}

TEST_CASE("journaled store: what is larger goes to the database at once") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        put(store, 2);
        static_cast<void>(store.apply(one(sample_put(3, std::string(300'000, 'x')))));
        put(store, 4);
    });
    CHECK(in_database(path) == Ids{1, 3});
    CHECK(ids_of(*LmdbStore::open(path, small()).value()) == Ids{1, 2, 3, 4});
}

TEST_CASE("journaled store: a body's file goes with its message, at once") {
    TemporaryDirectory const directory;
    auto const store = LmdbStore::open(directory.file("spool"), small()).value();
    put(*store, 1);
    REQUIRE(store->apply(one(file_put(store->bodies(), 2, "in a file"))));
    put(*store, 3);
    REQUIRE(store->apply(batch_of(Remove{SpoolId(2)}, Remove{SpoolId(3)})));
    CHECK(files_of(store->bodies()) == 0);
    CHECK(ids_of(*store) == Ids{1});
}

TEST_CASE("journaled store: where the disk is almost full no journal is made") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    auto options = small();
    auto const files = std::make_shared<support::ForgetfulFileSystem>();
    options.files = files;
    options.disk_reserve = files->free_space(path).value() - (512 << 10);
    auto const store = LmdbStore::open(path, options).value();
    put(*store, 1);
    CHECK(ids_of(*store) == Ids{1});
    CHECK(files->list(path).value().empty());
}

TEST_CASE("journaled store: where no journal can be made, that is told once") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    std::filesystem::create_directories(path + "/journal/in-the-way");
    std::vector<std::string> told;
    auto options = small();
    options.no_journal = [&](Error const& error) { told.push_back(error.what); };
    {
        auto const store = LmdbStore::open(path, options).value();
        for (std::uint64_t id = 1; id <= 3; ++id) put(*store, id);
        remove(*store, 2);
    }
    CHECK(in_database(path) == Ids{1, 3});
    REQUIRE(told.size() == 1);
    CHECK(told.front().find(path + "/journal") != std::string::npos);
}

TEST_CASE("journaled store: without its journal it does not open, with an empty one it does") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        put(store, 2);
    });
    PosixFileSystem files;
    REQUIRE(files.rename(path + "/journal", path + "/elsewhere"));
    auto const refused = LmdbStore::open(path, small());
    REQUIRE(failed_with(refused, Errc::damaged));
    CHECK(
        refused.error().what ==
        path +
            "/journal is not there, and may have mail that is nowhere else; put it back, or an "
            "empty file in its place to go on without it"
    );
    SECTION("put back") {
        REQUIRE(files.rename(path + "/elsewhere", path + "/journal"));
        CHECK(ids_of(*LmdbStore::open(path, small()).value()) == Ids{1, 2});
    }
    SECTION("given up") {
        REQUIRE(files.create(path + "/journal"));
        auto const store = LmdbStore::open(path, small()).value();
        CHECK(ids_of(*store) == Ids{1});
        put(*store, 3);
        CHECK(ids_of(*store) == Ids{1, 3});
    }
}

TEST_CASE("journaled store: what damage costs is told, and the rest is there") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        for (std::uint64_t id = 1; id <= 4; ++id) put(store, id);
    });
    {
        // The second of the three frames.
        std::fstream out(path + "/journal", std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(BlockBuffer::block + 60);
        out << "damage";
    }
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(store->lost_writes() == 1);
    CHECK(ids_of(*store) == Ids{1, 2, 4});
}

TEST_CASE("journaled store: the removal of a message that damage has taken counts nobody less") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        put(store, 2);
        remove(store, 2);
        remove(store, 1);
    });
    {
        std::fstream out(path + "/journal", std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(60);
        out << "damage";
    }
    CHECK(Inspector::open(path).value()->usage().messages == 0);
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(store->lost_writes() == 1);
    CHECK(store->usage().messages == 0);
    CHECK(ids_of(*store).empty());
}

TEST_CASE("journaled store: who only looks sees what the journal has") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    kill_after(path, [](LmdbStore& store) {
        put(store, 1);
        put(store, 2);
        static_cast<void>(store.apply(one(Update{sample_item(2)})));
        for (std::uint64_t id = 3; id <= 5; ++id) put(store, id);
        remove(store, 1);
        remove(store, 4);
    });
    auto const spool = Inspector::open(path).value();
    Ids ids;
    REQUIRE(spool->for_each([&](SpoolId id, Result<QueueItem> const& item) {
        CHECK(item);
        ids.push_back(id.value());
    }));
    CHECK(ids == Ids{2, 3, 5});
    CHECK(spool->usage().messages == 3);
    auto reader = spool->open_body(SpoolId(5)).value();
    CHECK(drain(reader).value() == "body 5");
    CHECK(failed_with(spool->read(SpoolId(1)), Errc::not_found));
    CHECK(verify(*spool).value().empty());
}
