#include "spool/disk/inspector.hpp"

#include "spool/done_log.hpp"
#include "spool/disk/lmdb_store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/store_conformance.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

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

// In a process of its own: LMDB wants one environment for each. Gives what it answered.
std::string elsewhere(std::function<std::string()> const& look) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto const answer = look();
        auto const written = ::write(ends[1], answer.data(), answer.size());
        ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string answer;
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
        answer.append(piece, static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return answer;
}

std::string text_of(Result<BodyReader> reader) {
    if (!reader) return reader.error().what;
    auto const text = drain(*reader);
    return text ? *text : text.error().what;
}

// Everything that can be seen of a spool, as lines.
std::string seen_in(std::string const& path) {
    auto const spool = Inspector::open(path);
    if (!spool) return spool.error().what;
    std::string lines;
    auto listed = (*spool)->for_each([&](SpoolId id, Result<QueueItem> const& item) {
        lines += id.to_text() + (item ? " " + item->client : " ?") + " " +
                 text_of((*spool)->open_body(id)) + "\n";
    });
    if (!listed) return listed.error().what;
    listed = (*spool)->for_each_damaged([&](DamagedMessage const& message) {
        lines += "damaged " + message.id.to_text() + " " + message.reason + " " +
                 text_of((*spool)->open_damaged_body(message.id)) + "\n";
    });
    if (!listed) return listed.error().what;
    auto const damaged = verify(**spool);
    if (!damaged) return damaged.error().what;
    auto const usage = (*spool)->usage();
    return lines + std::to_string(usage.messages) + " messages, " + std::to_string(usage.damaged) +
           " damaged, " + std::to_string(damaged->size()) + " unreadable\n";
}

std::string const three =
    "0000000001 mx.example[192.0.2.1] one\n"
    "0000000002 mx.example[192.0.2.1] two\n"
    "damaged 0000000003 why three\n"
    "2 messages, 1 damaged, 0 unreadable\n";

void fill(LmdbStore& store) {
    REQUIRE(store.apply(
        batch_of(sample_put(1, "one"), file_put(store.bodies(), 2, "two"), sample_put(3, "three"))
    ));
    REQUIRE(store.apply(one(SetAside{SpoolId(3), at(std::chrono::seconds{60}), "why"})));
}

}  // namespace

TEST_CASE("inspector: sees a spool in use, and one that nobody has open") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto store = LmdbStore::open(path, small()).value();
    fill(*store);
    CHECK(elsewhere([&] { return seen_in(path); }) == three);
    // Its owner goes on as if nobody had looked.
    REQUIRE(store->apply(one(sample_put(4, "four"))));
    REQUIRE(store->apply(one(Remove{SpoolId(4)})));
    store.reset();
    CHECK(elsewhere([&] { return seen_in(path); }) == three);
    CHECK(LmdbStore::open(path, small()));
}

TEST_CASE("inspector: sees what its owner does while it looks") {
    TemporaryDirectory directory;
    auto const path = directory.file("spool");
    auto store = LmdbStore::open(path, small()).value();
    fill(*store);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        // Opens, waits until the owner has grown the spool, and reads on.
        ::close(ends[1]);
        auto const spool = Inspector::open(path);
        if (!spool || !(*spool)->read(SpoolId(1))) ::_exit(1);
        char go = 0;
        if (::read(ends[0], &go, 1) != 1) ::_exit(2);
        std::uint64_t count = 0;
        auto const listed = (*spool)->for_each([&](SpoolId, Result<QueueItem> const& item) {
            if (item) ++count;
        });
        if (!listed || count != 2501) ::_exit(3);
        auto const gone = (*spool)->open_body(SpoolId(2));
        ::_exit(!gone && gone.error().code == Errc::not_found ? 0 : 4);
    }
    ::close(ends[0]);
    Changes changes;
    for (std::uint64_t id = 10; id < 2510; ++id) changes.push_back(sample_put(id, "more"));
    REQUIRE(store->apply(changes));
    REQUIRE(store->apply(one(Remove{SpoolId(2)})));
    REQUIRE(::write(ends[1], "x", 1) == 1);
    ::close(ends[1]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("inspector: what is no spool") {
    TemporaryDirectory directory;
    SECTION("nothing there") {
        auto const path = directory.file("spool");
        CHECK(elsewhere([&] { return seen_in(path); }) == "there is no spool at " + path);
    }
    SECTION("an empty directory stays empty") {
        auto const path = directory.file("spool");
        REQUIRE(PosixFileSystem().make_directory(path));
        CHECK(elsewhere([&] { return seen_in(path); }) == "there is no spool at " + path);
        CHECK(PosixFileSystem().list(path).value().empty());
    }
    SECTION("a copy that nobody has opened is seen, and left as it is") {
        auto const path = directory.file("spool");
        auto store = LmdbStore::open(path, small()).value();
        fill(*store);
        store.reset();
        REQUIRE(PosixFileSystem().remove(path + "/lock.mdb"));
        CHECK(elsewhere([&] { return seen_in(path); }) == three);
        CHECK(failed_with(PosixFileSystem().open(path + "/lock.mdb"), Errc::not_found));
    }
}

TEST_CASE("inspector: what is noted as done is not in the queue any more") {
    TemporaryDirectory const directory;
    auto const path = directory.file("spool");
    {
        auto store = LmdbStore::open(path, small()).value();
        REQUIRE(store->apply(batch_of(sample_put(1, "one"), sample_put(2, "two"))));
        PosixFileSystem files;
        auto log = DoneLog::open(files, path + "/done").value();
        REQUIRE(log->note(SpoolId(1)));
    }
    auto const seen = seen_in(path);
    INFO(seen);
    CHECK(seen.find(SpoolId(1).to_text()) == std::string::npos);
    CHECK(seen.find(SpoolId(2).to_text()) != std::string::npos);
    auto const spool = Inspector::open(path).value();
    CHECK(spool->read(SpoolId(1)).error().code == Errc::not_found);
    CHECK(spool->open_body(SpoolId(1)).error().code == Errc::not_found);
}
