// Notes of what is done, on a disk that fails, tears or forgets at each of its calls: what was
// noted is found again by the next process, and nothing is found that was not to be noted.
#include "spool/done_log.hpp"

#include "spool/memory_store.hpp"
#include "spool/spool_thread.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/forgetful_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace splitmx;
using namespace splitmx::spool;
using support::FaultyFileSystem;
using support::ForgetfulFileSystem;
using support::TemporaryDirectory;

namespace {

using Ids = std::vector<SpoolId>;

Ids ids(std::uint64_t first, std::size_t count) {
    Ids all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(first + i);
    return all;
}

struct Known {
    std::set<SpoolId> asked;
    std::set<SpoolId> noted;
    std::set<SpoolId> synced;  // of these
};

void note(DoneLog& log, SpoolId id, Known& known) {
    known.asked.insert(id);
    if (log.note(id)) known.noted.insert(id);
}

// One run that is cut off somewhere.
void live(std::shared_ptr<FileSystem> const& files, std::string const& path, Known& known) {
    auto log = DoneLog::open(*files, path);
    if (!log) return;
    for (auto const id : ids(1, 4)) note(**log, id, known);
    if ((*log)->sync()) known.synced = known.noted;
    for (auto const id : ids(5, 4)) note(**log, id, known);
}

// Empty: all is as it must be.
std::string fault_in(
    std::shared_ptr<FileSystem> const& files,
    std::string const& path,
    std::set<SpoolId> const& expected,
    std::set<SpoolId> const& asked
) {
    auto log = DoneLog::open(*files, path);
    if (!log) return log.error().what;
    std::set<SpoolId> const found((*log)->found().begin(), (*log)->found().end());
    if (!std::includes(found.begin(), found.end(), expected.begin(), expected.end())) {
        return "a note is lost";
    }
    if (!std::includes(asked.begin(), asked.end(), found.begin(), found.end())) {
        return "something is noted that nobody asked for";
    }
    return {};
}

auto const real = std::make_shared<PosixFileSystem>();

}  // namespace

TEST_CASE("done log: finds what an earlier run has noted, until it is cleared") {
    TemporaryDirectory const directory;
    auto const path = directory.file("done");
    {
        auto log = DoneLog::open(*real, path).value();
        CHECK(log->found().empty());
        for (auto const id : ids(70, 600)) REQUIRE(log->note(id));
    }
    auto log = DoneLog::open(*real, path).value();
    CHECK(log->found() == ids(70, 600));
    REQUIRE(log->clear());
    REQUIRE(log->note(SpoolId(5)));
    CHECK(DoneLog::open(*real, path).value()->found() == ids(5, 1));
}

TEST_CASE("done log: tells what is to be removed, and what is not removed yet") {
    TemporaryDirectory const directory;
    auto log = DoneLog::open(*real, directory.file("done")).value();
    CHECK(log->note(SpoolId(7)).value() == 1);
    CHECK(log->note(SpoolId(3)).value() == 2);
    CHECK(log->waiting() == 2);
    CHECK(log->take() == Ids{SpoolId(7), SpoolId(3)});
    CHECK(log->note(SpoolId(5)).value() == 1);
    CHECK(log->done() == std::unordered_set<SpoolId>{SpoolId(3), SpoolId(5), SpoolId(7)});
    log->removed({SpoolId(7), SpoolId(3)});
    CHECK(log->done() == std::unordered_set<SpoolId>{SpoolId(5)});
    CHECK(log->take() == ids(5, 1));
    CHECK(log->take().empty());
}

TEST_CASE("done log: a note is free when its message is removed") {
    TemporaryDirectory const directory;
    auto const path = directory.file("done");
    auto log = DoneLog::open(*real, path).value();
    for (auto const id : ids(1, DoneLog::most_notes)) REQUIRE(log->note(id));
    auto const refused = log->note(SpoolId(1'000'000));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::no_space);
    REQUIRE(log->take().size() == DoneLog::most_notes);
    log->removed({SpoolId(1)});
    CHECK(log->note(SpoolId(1'000'000)));
    CHECK_FALSE(log->note(SpoolId(1'000'001)));
    // Over the oldest, not over one that is needed.
    auto expected = ids(1, DoneLog::most_notes);
    expected.front() = SpoolId(1'000'000);
    CHECK(DoneLog::open(*real, path).value()->found() == expected);
}

TEST_CASE(
    "done log: a note whose message is removed before an older one is done, its place is not free"
) {
    TemporaryDirectory const directory;
    auto const path = directory.file("done");
    auto log = DoneLog::open(*real, path).value();
    for (auto const id : ids(1, DoneLog::most_notes)) REQUIRE(log->note(id));
    REQUIRE(log->take().size() == DoneLog::most_notes);
    log->removed({SpoolId(3), SpoolId(2)});
    CHECK(log->done().size() == DoneLog::most_notes - 2);
    CHECK_FALSE(log->done().contains(SpoolId(2)));
    CHECK_FALSE(log->note(SpoolId(1'000'000)));
    log->removed({SpoolId(1)});
    for (auto const id : ids(1'000'000, 3)) CHECK(log->note(id));
    CHECK_FALSE(log->note(SpoolId(1'000'003)));
}

TEST_CASE("done log: a disk that fails at any call") {
    std::size_t calls = 0;
    for (std::size_t n = 0; n <= calls; ++n) {
        TemporaryDirectory const directory;
        auto const path = directory.file("done");
        auto const files = std::make_shared<FaultyFileSystem>(n);
        Known known;
        live(files, path, known);
        if (n == FaultyFileSystem::never) calls = files->calls();
        INFO("call " << n);
        CHECK(fault_in(real, path, known.noted, known.asked) == "");
    }
    CHECK(calls > 8);
}

TEST_CASE("done log: after a failed call it takes no notes any more") {
    for (std::string const call : {"write_at", "sync"}) {
        INFO(call);
        TemporaryDirectory const directory;
        auto const files = std::make_shared<FaultyFileSystem>();
        auto log = DoneLog::open(*files, directory.file("done")).value();
        REQUIRE(log->note(SpoolId(1)));
        files->fail_at(1);
        if (call == "sync")
            CHECK_FALSE(log->sync());
        else
            CHECK_FALSE(log->note(SpoolId(2)));
        CHECK(files->names().back() == call);
        files->fail_at(FaultyFileSystem::never);
        CHECK_FALSE(log->note(SpoolId(3)));
        CHECK(log->take() == ids(1, 1));
        CHECK(DoneLog::open(*real, directory.file("done")).value()->found().front() == SpoolId(1));
    }
}

TEST_CASE("done log: power that goes at any call") {
    std::string const path = "/spool/done";
    std::vector<ForgetfulFileSystem::Luck> const lucks{
        {0, false, 0}, {1 << 20, true, 0}, {0, true, 20}, {7, true, 30}, {1 << 20, true, 4096}};
    std::size_t calls = 1;
    for (std::size_t n = 1; n <= calls; ++n) {
        for (auto const& luck : lucks) {
            auto const files = std::make_shared<ForgetfulFileSystem>();
            files->stop_at(n);
            Known known;
            live(files, path, known);
            calls = std::max(calls, files->calls() + 1);
            files->power_loss(luck);
            INFO("call " << n << ", rewritten " << luck.rewritten);
            CHECK(fault_in(files, path, known.synced, known.asked) == "");
        }
        if (n > 100) break;
    }
    CHECK(calls > 8);
}

TEST_CASE("done log: what was noted leaves the store before anything is delivered again") {
    TemporaryDirectory const directory;
    auto bodies = BodyDirectory::open(real, directory.file("body")).value();
    MemoryStore store(*bodies);
    for (std::uint64_t id = 1; id <= 3; ++id) REQUIRE(store.apply(one(sample_put(id, "x"))));
    auto const path = directory.file("done");
    // The second is not there any more: its removal was committed, too.
    auto const before = DoneLog::open(*real, path).value();
    for (auto const id : {2, 9}) REQUIRE(before->note(SpoolId(id)));
    auto log = DoneLog::open(*real, path).value();
    REQUIRE(finish_noted(*log, store));
    CHECK(log->found().empty());
    CHECK(store.usage().messages == 2);
    CHECK_FALSE(store.read(SpoolId(2)));
    CHECK(DoneLog::open(*real, path).value()->found().empty());
}
