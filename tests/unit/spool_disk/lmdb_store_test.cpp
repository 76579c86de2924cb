#include "spool/disk/lmdb_store.hpp"

#include "tests/support/faulty_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"
#include "tests/unit/spool_disk/tamper.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using support::FaultyFileSystem;
using support::TemporaryDirectory;

namespace {

LmdbStore::Options small() {
    LmdbStore::Options options;
    options.map_size = 2 << 20;
    options.disk_reserve = 0;
    return options;
}

class LmdbFixture {
public:
    Store& store() { return *store_; }
    BodyDirectory& bodies() { return store_->bodies(); }

private:
    std::unique_ptr<TemporaryDirectory> directory_ = std::make_unique<TemporaryDirectory>();
    std::unique_ptr<LmdbStore> store_ = LmdbStore::open(directory_->file("spool"), small()).value();
};

// While it lives, no file of this process can grow beyond `octets`: writes fail with EFBIG.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t octets) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit const tight{octets, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    }
    FileSizeLimit(FileSizeLimit const&) = delete;
    FileSizeLimit& operator=(FileSizeLimit const&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

private:
    rlimit before_{};
    void (*signal_)(int);
};

}  // namespace

TEST_CASE("lmdb store: puts and reads") { check_put_and_read(LmdbFixture()); }
TEST_CASE("lmdb store: puts in any order") { check_any_order(LmdbFixture()); }
TEST_CASE("lmdb store: updates") { check_update(LmdbFixture()); }
TEST_CASE("lmdb store: summaries") { check_summaries(LmdbFixture()); }
TEST_CASE("lmdb store: removals") { check_remove(LmdbFixture()); }
TEST_CASE("lmdb store: batches are atomic") { check_atomic(LmdbFixture()); }
TEST_CASE("lmdb store: body files") { check_files(LmdbFixture()); }
TEST_CASE("lmdb store: messages set aside") { check_set_aside(LmdbFixture()); }
TEST_CASE("lmdb store: readers stand alone") { check_reader_outlives_message(LmdbFixture()); }
TEST_CASE("lmdb store: full map") { check_full(LmdbFixture()); }

TEST_CASE("lmdb store: all is there after closing and opening") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(batch_of(sample_put(5, "five"), sample_put(6, "six"))));
        REQUIRE(store->apply(one(file_put(store->bodies(), 7, "seven"))));
        REQUIRE(store->apply(one(Remove{SpoolId(6)})));
    }
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(ids_of(*store) == std::vector<std::uint64_t>{5, 7});
    CHECK(body_of(*store, 5).value() == "five");
    CHECK(body_of(*store, 7).value() == "seven");
    CHECK(store->last_id() == SpoolId(7));
    CHECK(store->swept() == 0);
}

TEST_CASE("lmdb store: a last id below what is there refuses nobody and hides nothing") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    LmdbStore::open(path, small()).value()->apply(one(sample_put(9, "nine"))).value();
    tamper(path, [](MDB_txn* transaction, Database const& database) {
        Key const low(SpoolId(2));
        MDB_val at = to_value(meta_last_id);
        MDB_val value = low.value();
        REQUIRE(mdb_put(transaction, database.meta, &at, &value, 0) == MDB_SUCCESS);
    });
    auto const store = LmdbStore::open(path, small()).value();
    REQUIRE(store->last_id() == SpoolId(2));
    REQUIRE(store->apply(one(sample_put(5, "five"))));
    CHECK(failed_with(store->apply(one(sample_put(9, "other"))), Errc::exists));
    CHECK(ids_of(*store) == std::vector<std::uint64_t>{5, 9});
    CHECK(body_of(*store, 9).value() == "nine");
}

TEST_CASE("lmdb store: new messages fill their pages, in whatever order a batch has them") {
    enum class Order { up, down, behind_a_later_one };
    auto const used_by = [](Order order) {
        TemporaryDirectory directory;
        auto const store = LmdbStore::open(directory.file("spool"), small()).value();
        if (order == Order::behind_a_later_one) {
            // Nothing can be appended from now on.
            REQUIRE(store->apply(one(sample_put(1000, "tiny"))));
        }
        Changes changes;
        for (std::uint64_t i = 0; i < 200; ++i) {
            changes.emplace_back(sample_put(order == Order::down ? 200 - i : i + 1, "tiny"));
        }
        REQUIRE(store->apply(changes));
        return store->usage().used;
    };
    auto const up = used_by(Order::up);
    CHECK(used_by(Order::down) == up);
    CHECK(used_by(Order::behind_a_later_one) > up + up / 4);
}

TEST_CASE("lmdb store: a full map drains to the last message, also after opening again") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    std::uint64_t stored = 0;
    {
        auto store = LmdbStore::open(path, small()).value();
        while (store->apply(one(sample_put(stored + 1, "tiny")))) ++stored;
    }
    REQUIRE(stored > 100);
    auto const store = LmdbStore::open(path, small()).value();
    CHECK(failed_with(store->apply(one(sample_put(stored + 1, "tiny"))), Errc::no_space));
    for (auto const id : ids_of(*store)) {
        auto item = sample_item(id);
        item.recipients[0].last_status = mail::Status(450, {2, 0}, std::string(200, 't'));
        REQUIRE(store->apply(one(Update{item})));
    }
    for (auto const id : ids_of(*store)) REQUIRE(store->apply(one(Remove{SpoolId(id)})));
    CHECK(ids_of(*store).empty());
    CHECK(store->apply(one(sample_put(stored + 1, "tiny"))));
}

TEST_CASE("lmdb store: a process that dies loses nothing that was acknowledged") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto const commits = GENERATE(1U, 7U, 40U);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto opened = LmdbStore::open(path, small());
        if (!opened) ::_exit(1);
        auto& store = **opened;
        for (std::uint64_t id = 1; id <= commits; ++id) {
            Changes changes = one(sample_put(id, "body " + std::to_string(id)));
            if (id > 1 && id % 5 == 0) changes.emplace_back(Remove{SpoolId(id - 1)});
            if (!store.apply(changes)) ::_exit(2);
        }
        // What dies unacknowledged: a half body, a finished one without a record.
        BodySink half(store.bodies(), SpoolId(1000), 1);
        BodySink whole(store.bodies(), SpoolId(1001), 1);
        if (!half.append("half") || !whole.append("whole")) ::_exit(3);
        auto const finished = whole.finish();
        ::_exit(finished ? 0 : 4);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);

    auto const store = LmdbStore::open(path, small()).value();
    CHECK(store->swept() == 2);
    CHECK(files_of(store->bodies()) == 0);
    std::vector<std::uint64_t> expected;
    for (std::uint64_t id = 1; id <= commits; ++id) {
        bool const removed = (id + 1) % 5 == 0 && id + 1 <= commits;
        if (!removed) expected.push_back(id);
    }
    CHECK(ids_of(*store) == expected);
    for (auto const id : expected)
        CHECK(body_of(*store, id).value() == "body " + std::to_string(id));
    CHECK(store->last_id() == SpoolId(commits));
}

TEST_CASE("lmdb store: after a failed commit no Put is taken until it is opened again") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto options = small();
    options.journal = 0;
    auto store = LmdbStore::open(path, options).value();
    REQUIRE(store->apply(batch_of(sample_put(1, "one"), sample_put(2, "two"))));
    auto large = one(file_put(store->bodies(), 4, "four"));
    {
        FileSizeLimit const limit(4096);
        CHECK(failed_with(store->apply(one(sample_put(3, "three"))), Errc::io));
    }
    // The disk is well again, but who knows what it holds.
    CHECK(failed_with(store->apply(large), Errc::io));
    CHECK(ids_of(*store) == std::vector<std::uint64_t>{1, 2});
    CHECK(body_of(*store, 2).value() == "two");
    CHECK(store->apply(one(Remove{SpoolId(1)})));
    large.clear();
    store.reset();
    store = LmdbStore::open(path, small()).value();
    CHECK(ids_of(*store) == std::vector<std::uint64_t>{2});
    CHECK(store->apply(one(sample_put(3, "three"))));
}

TEST_CASE("lmdb store: a body file outlives a commit of which nobody knows what it did") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto store = LmdbStore::open(path, small()).value();
    {
        auto const large = one(file_put(store->bodies(), 4, "four"));
        FileSizeLimit const limit(4096);
        CHECK(failed_with(store->apply(large), Errc::io));
    }
    CHECK(files_of(store->bodies()) == 1);
    store.reset();
    CHECK(LmdbStore::open(path, small()).value()->swept() == 1);
}

TEST_CASE("lmdb store: only one at a time") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto first = LmdbStore::open(path, small()).value();
    auto const second = LmdbStore::open(path, small());
    REQUIRE(failed_with(second, Errc::locked));
    CHECK(second.error().what == path + " is open in another process");
    first.reset();
    CHECK(LmdbStore::open(path, small()));
}

TEST_CASE("lmdb store: what cannot be opened") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    SECTION("no parent directory") {
        CHECK_FALSE(LmdbStore::open(directory.file("no/spool"), small()));
    }
    SECTION("a newer format") {
        LmdbStore::open(path, small()).value().reset();
        tamper(path, [](MDB_txn* transaction, Database const& database) {
            overwrite(transaction, database.meta, to_value("format"), "splitmx-spool 5");
        });
        auto const refused = LmdbStore::open(path, small());
        REQUIRE(failed_with(refused, Errc::wrong_version));
        CHECK(refused.error().what.find("splitmx-spool 5") != std::string::npos);
    }
    SECTION("a database of another program") {
        REQUIRE(PosixFileSystem().make_directory(path));
        MDB_env* made = nullptr;
        REQUIRE(mdb_env_create(&made) == MDB_SUCCESS);
        std::unique_ptr<MDB_env, CloseEnvironment> environment(made);
        REQUIRE(mdb_env_open(made, path.c_str(), 0, 0600) == MDB_SUCCESS);
        auto transaction = Transaction::begin(made, Transaction::Kind::write).value();
        MDB_dbi main = 0;
        REQUIRE(mdb_dbi_open(transaction.get(), nullptr, 0, &main) == MDB_SUCCESS);
        overwrite(transaction.get(), main, to_value("theirs"), "data");
        REQUIRE(transaction.commit() == MDB_SUCCESS);
        environment.reset();
        CHECK(failed_with(LmdbStore::open(path, small()), Errc::wrong_version));
    }
    SECTION("no database at all") {
        REQUIRE(PosixFileSystem().make_directory(path));
        std::ofstream(path + "/data.mdb") << std::string(8192, 'x');
        CHECK(failed_with(LmdbStore::open(path, small()), Errc::damaged));
    }
}

TEST_CASE("lmdb store: Puts leave the reserve of the disk alone, deliveries use it") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(one(sample_put(1, "one"))));
    }
    auto options = small();
    options.disk_reserve = std::uint64_t{1} << 60;
    auto const store = LmdbStore::open(path, options).value();
    CHECK(failed_with(store->apply(one(sample_put(2, "two"))), Errc::no_space));
    CHECK(store->apply(one(Update{sample_item(1)})));
    CHECK(store->apply(one(Remove{SpoolId(1)})));
}

TEST_CASE("lmdb store: every call to the file system that fails at opening is reported") {
    std::size_t const calls = [] {
        TemporaryDirectory directory;
        auto const files = std::make_shared<FaultyFileSystem>();
        auto options = small();
        options.files = files;
        REQUIRE(LmdbStore::open(directory.file("spool"), options));
        return files->calls();
    }();
    REQUIRE(calls >= 5);
    for (std::size_t n = 1; n <= calls; ++n) {
        TemporaryDirectory directory;
        auto options = small();
        options.files = std::make_shared<FaultyFileSystem>(n);
        CHECK(failed_with(LmdbStore::open(directory.file("spool"), options), Errc::io));
        CHECK(LmdbStore::open(directory.file("spool"), small()));
    }
}

TEST_CASE("lmdb store: an unknown amount of room is a failure, not room") {
    TemporaryDirectory directory;
    auto const files = std::make_shared<FaultyFileSystem>();
    auto options = small();
    options.files = files;
    auto const store = LmdbStore::open(directory.file("spool"), options).value();
    files->fail_at(1);
    CHECK(failed_with(store->apply(one(sample_put(1, "one"))), Errc::io));
    CHECK(store->apply(one(sample_put(1, "one"))));
}
