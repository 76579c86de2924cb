// What becomes of messages that are damaged on the disk.
#include "spool/disk/inspector.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"
#include "tests/unit/spool_disk/tamper.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::TemporaryDirectory;

namespace {

LmdbStore::Options small() {
    LmdbStore::Options options;
    options.map_size = 2 << 20;
    options.disk_reserve = 0;
    return options;
}

}  // namespace

TEST_CASE("lmdb store: damaged messages are reported, not given, and stay") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(batch_of(
            sample_put(1, "one"),
            sample_put(2, "two"),
            sample_put(3, "three"),
            sample_put(4, "four")
        )));
    }
    tamper(path, [](MDB_txn* transaction, Database const& database) {
        Key const first(SpoolId(1));
        auto record = value_of(transaction, database.envelope, first.value());
        record[record.size() / 2] ^= 1;
        overwrite(transaction, database.envelope, first.value(), record);
        Key const second(SpoolId(2));
        overwrite(transaction, database.body, second.value(), "twO");
        Key const third(SpoolId(3));
        MDB_val missing = third.value();
        REQUIRE(mdb_del(transaction, database.body, &missing, nullptr) == MDB_SUCCESS);
        Key const fourth(SpoolId(4));
        overwrite(transaction, database.envelope, fourth.value(), encode(sample_item(5)));
    });
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(failed_with(store->read(SpoolId(1)), Errc::damaged));
    CHECK(failed_with(store->open_body(SpoolId(1)), Errc::damaged));
    CHECK(store->read(SpoolId(2)));
    CHECK(failed_with(store->open_body(SpoolId(2)), Errc::damaged));
    CHECK(failed_with(store->open_body(SpoolId(3)), Errc::damaged));
    CHECK(failed_with(store->read(SpoolId(4)), Errc::damaged));
    REQUIRE(store->apply(one(Update{sample_item(1)})));
    std::vector<bool> readable;
    REQUIRE(store->for_each([&](SpoolId, Result<QueueItem> const& item) {
        readable.push_back(item.has_value());
    }));
    CHECK(readable == std::vector<bool>{false, true, true, false});
    std::vector<SpoolId> summed;
    auto const unreadable =
        store->for_each_summary([&](Summary const& summary) { summed.push_back(summary.id); });
    REQUIRE(unreadable);
    CHECK(summed == std::vector<SpoolId>{SpoolId(2), SpoolId(3)});
    REQUIRE(unreadable->size() == 2);
    CHECK(unreadable->front().id == SpoolId(1));
    CHECK(unreadable->back().error.code == Errc::damaged);
    REQUIRE(store->apply(one(Remove{SpoolId(1)})));
    CHECK(failed_with(store->read(SpoolId(1)), Errc::not_found));
}

TEST_CASE("lmdb store: a damaged record is set aside octet for octet, with its body") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(batch_of(
            sample_put(1, "one"), file_put(store->bodies(), 2, "two"), sample_put(3, "three")
        )));
    }
    std::string damaged;
    tamper(path, [&](MDB_txn* transaction, Database const& database) {
        flip(transaction, database.envelope, SpoolId(1), 50);
        flip(transaction, database.envelope, SpoolId(2), 50);
        damaged = value_of(transaction, database.envelope, Key(SpoolId(1)).value());
    });
    auto const since = at(std::chrono::seconds{60});
    auto store = LmdbStore::open(path, small()).value();
    CHECK(files_of(store->bodies()) == 1);  // not swept: there is a record, whatever it says
    REQUIRE(
        store->apply(batch_of(SetAside{SpoolId(1), since, "a"}, SetAside{SpoolId(2), since, "b"}))
    );
    // Nothing can be said about the record, so an update leaves it alone.
    REQUIRE(store->apply(one(Update{sample_item(1)})));
    for (int start = 1; start <= 2; ++start) {
        CHECK(ids_of(*store) == std::vector<std::uint64_t>{3});
        auto const all = damaged_in(*store);
        REQUIRE(all.size() == 2);
        CHECK_FALSE(all[0].item);
        CHECK(all[0].record_octets == damaged.size());
        CHECK(all[1].body_octets == 3);
        CHECK((store->damaged_record(SpoolId(1)).value() == damaged));
        auto first = store->open_damaged_body(SpoolId(1)).value();
        CHECK(drain(first).value() == "one");
        auto second = store->open_damaged_body(SpoolId(2)).value();
        CHECK(drain(second).value() == "two");
        CHECK(PosixFileSystem().list(path + "/damaged").value().size() == 1);
        store.reset();
        store = LmdbStore::open(path, small()).value();
    }
    REQUIRE(store->apply(batch_of(Discard{SpoolId(1)}, Discard{SpoolId(2)})));
    CHECK(damaged_in(*store).empty());
    CHECK(PosixFileSystem().list(path + "/damaged").value().empty());
}

TEST_CASE("lmdb store: a file whose move was cut off follows its message at the next start") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto store = LmdbStore::open(path, small()).value();
    REQUIRE(store->apply(one(file_put(store->bodies(), 2, "two"))));
    REQUIRE(store->apply(one(SetAside{SpoolId(2), at(std::chrono::seconds{60}), "why"})));
    auto const name = "/" + SpoolId(2).to_text();
    auto const files = std::make_shared<PosixFileSystem>();
    REQUIRE(files->rename(path + "/damaged" + name, path + "/body" + name));
    auto reader = store->open_damaged_body(SpoolId(2)).value();
    CHECK(drain(reader).value() == "two");
    store.reset();
    store = LmdbStore::open(path, small()).value();
    CHECK(store->swept() == 0);
    CHECK(files_of(store->bodies()) == 0);
    reader = store->open_damaged_body(SpoolId(2)).value();
    CHECK(drain(reader).value() == "two");
}

TEST_CASE("lmdb store: what was noted may be damaged too, the rest is there") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(one(sample_put(1, "one"))));
        REQUIRE(store->apply(one(SetAside{SpoolId(1), at(std::chrono::seconds{60}), "why"})));
    }
    tamper(path, [](MDB_txn* transaction, Database const& database) {
        flip(transaction, database.damaged->note, SpoolId(1), 20);
    });
    auto const store = LmdbStore::open(path, small()).value();
    auto const all = damaged_in(*store);
    REQUIRE(all.size() == 1);
    CHECK(all[0].id == SpoolId(1));
    CHECK(all[0].reason == "what was noted about it is damaged too");
    CHECK(all[0].item);
    CHECK(all[0].body_octets == 3);
}

TEST_CASE("verify: finds every message that cannot be read, and only those") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto store = LmdbStore::open(path, small()).value();
    REQUIRE(store->apply(batch_of(
        sample_put(1, "one"),
        sample_put(2, "two"),
        file_put(store->bodies(), 3, "three"),
        file_put(store->bodies(), 4, "four"),
        sample_put(5, "five")
    )));
    store.reset();
    tamper(path, [](MDB_txn* transaction, Database const& database) {
        flip(transaction, database.body, SpoolId(1), 1);
        flip(transaction, database.envelope, SpoolId(5), 50);
    });
    std::ofstream(path + "/body/" + SpoolId(3).to_text()) << "thrEe";
    store = LmdbStore::open(path, small()).value();
    std::uint64_t told = 0;
    auto const damaged =
        verify(*store, [&](std::uint64_t done, std::uint64_t) { told = done; }).value();
    std::vector<std::uint64_t> ids;
    for (auto const& one : damaged) {
        CHECK(one.error.code == Errc::damaged);
        CHECK(one.error.what.starts_with(one.id.to_text() + ": "));
        ids.push_back(one.id.value());
    }
    CHECK(ids == std::vector<std::uint64_t>{5, 1, 3});
    CHECK(told == 4);  // bodies
}
