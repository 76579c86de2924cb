// Removals of what is noted as done: when they ride, and what becomes of those that fail.
#include "spool/done_log.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/unit/spool/gated_store.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

struct NotingFixture {
    support::TemporaryDirectory directory;
    std::shared_ptr<support::FaultyFileSystem> files =
        std::make_shared<support::FaultyFileSystem>();
    std::unique_ptr<BodyDirectory> bodies =
        BodyDirectory::open(std::make_shared<PosixFileSystem>(), directory.file("body")).value();
    MemoryStore memory{*bodies};
    GatedStore store{memory};
    RecordingInbox inbox;
    std::vector<Heard> log;
    SpoolThread thread;

    explicit NotingFixture(NotedLimits limits = {})
        : thread(store, DoneLog::open(*files, directory.file("done")).value(), limits) {
        for (std::uint64_t id = 1; id <= 3; ++id) {
            static_cast<void>(memory.apply(one(sample_put(id, "body"))));
        }
    }
    void remove(std::uint64_t id) {
        thread.submit(
            one(Remove{SpoolId(id)}),
            inbox,
            std::make_unique<NamedWaiter>(log, "remove " + std::to_string(id))
        );
    }
    std::unique_ptr<DoneLog> open_again() {
        PosixFileSystem real;
        return DoneLog::open(real, directory.file("done")).value();
    }
    std::vector<SpoolId> noted() { return open_again()->found(); }
};

}  // namespace

TEST_CASE_METHOD(NotingFixture, "spool thread: what is noted leaves the store a little later") {
    REQUIRE(thread.note_done(SpoolId(1)));
    CHECK(noted() == std::vector<SpoolId>{SpoolId(1)});
    CHECK(thread.done() == std::unordered_set<SpoolId>{SpoolId(1)});
    store.wait_until_committing();  // of its own accord, after a while
    REQUIRE(thread.note_done(SpoolId(2)));
    CHECK(memory.usage().messages == 3);
    store.open_gate();
    store.open_gate();
    thread.stop();
    CHECK(memory.usage().messages == 1);
    CHECK(thread.done().empty());
    CHECK(thread.load().waiting == 0);
    CHECK(thread.load().failed == 0);
}

TEST_CASE("spool thread: what is noted waits for others, and then rides with the next commit") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 2}};
    of.remove(3);
    of.store.wait_until_committing();
    REQUIRE(of.thread.note_done(SpoolId(1)));
    of.thread.submit(one(sample_put(4, "body")));
    of.store.open_gate();
    of.store.wait_for_commits(2);
    CHECK(of.memory.usage().messages == 2);
    REQUIRE(of.thread.note_done(SpoolId(2)));
    of.thread.submit(one(sample_put(5, "body")));
    of.store.open_gate();
    of.store.open_gate();
    of.thread.stop();
    CHECK(of.store.batch_sizes() == std::vector<std::size_t>{1, 1, 3});
    CHECK(of.memory.usage().messages == 2);
    CHECK(of.thread.done().empty());
}

TEST_CASE("spool thread: as many as may wait are removed without a commit of others") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 2}};
    REQUIRE(of.thread.note_done(SpoolId(1)));
    REQUIRE(of.thread.note_done(SpoolId(2)));
    of.store.wait_until_committing();
    of.store.open_gate();
    of.thread.stop();
    CHECK(of.store.batch_sizes() == std::vector<std::size_t>{2});
    CHECK(of.memory.usage().messages == 1);
}

TEST_CASE("spool thread: what is noted makes room at once where there is none") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 100}};
    REQUIRE(of.thread.note_done(SpoolId(1)));
    of.thread.submit(one(sample_put(4, "body")));
    of.store.wait_until_committing();
    of.store.open_gate(Error{Errc::no_space, "full"});
    of.store.wait_for_commits(2);  // of its own accord
    of.store.open_gate();
    of.thread.stop();
    CHECK(of.store.batch_sizes() == std::vector<std::size_t>{1, 1});
    CHECK(of.memory.usage().messages == 2);
}

TEST_CASE("spool thread: nothing that is noted waits beyond its end") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 100}};
    REQUIRE(of.thread.note_done(SpoolId(1)));
    of.store.open_gate();
    of.thread.stop();
    CHECK(of.memory.usage().messages == 2);
}

TEST_CASE("spool thread: what is noted and quick rides at once, the rest waits until it is due") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 3}};
    of.store.quick = [](Change const& change) { return id_of(change) != SpoolId(1); };
    of.remove(3);
    of.store.wait_until_committing();
    for (std::uint64_t const id : {1, 2}) REQUIRE(of.thread.note_done(SpoolId(id)));
    of.thread.submit(one(sample_put(4, "body")));
    of.store.open_gate();
    of.store.wait_for_commits(2);
    of.thread.submit(one(sample_put(5, "body")));
    of.store.open_gate();
    of.store.wait_for_commits(3);
    CHECK(of.thread.done() == std::unordered_set<SpoolId>{SpoolId(1)});
    // As many as may wait, the first of which is not asked about again.
    for (std::uint64_t const id : {4, 5}) REQUIRE(of.thread.note_done(SpoolId(id)));
    of.store.open_gate();
    of.store.wait_for_commits(4);
    of.store.open_gate();
    of.store.open_gate();
    of.thread.stop();
    CHECK(of.store.batch_sizes() == std::vector<std::size_t>{1, 2, 1, 2, 1});
    CHECK(of.memory.usage().messages == 0);
    CHECK(of.thread.done().empty());
    CHECK(of.thread.load().waiting == 0);
}

TEST_CASE("spool thread: removals that fail, quick and slow ones, are all tried again") {
    NotingFixture of{NotedLimits{std::chrono::hours(1), 2}};
    of.store.quick = [](Change const& change) { return id_of(change) != SpoolId(1); };
    for (std::uint64_t const id : {1, 2}) REQUIRE(of.thread.note_done(SpoolId(id)));
    of.store.wait_for_commits(1);
    of.store.open_gate(Error{Errc::io, "no"});
    of.store.wait_for_commits(2);
    of.store.open_gate(Error{Errc::io, "no"});
    of.store.open_gate();
    of.store.open_gate();
    of.store.wait_for_commits(4);
    of.thread.stop();
    CHECK(of.memory.usage().messages == 1);
    CHECK(of.thread.done().empty());
}

TEST_CASE_METHOD(NotingFixture, "spool thread: what cannot be noted is to be removed by a commit") {
    files->fail_at(1);
    CHECK_FALSE(thread.note_done(SpoolId(1)));
    CHECK(thread.done().empty());
    remove(1);
    store.open_gate();
    CHECK(inbox.wait_for(1) == std::vector<std::size_t>{1});
    thread.stop();
    CHECK(log.at(0).result.has_value());
    CHECK(memory.usage().messages == 2);
}

TEST_CASE_METHOD(NotingFixture, "spool thread: a removal that fails is in the notes still") {
    REQUIRE(thread.note_done(SpoolId(1)));
    store.wait_until_committing();
    store.open_gate(Error{Errc::io, "no"});
    store.open_gate(Error{Errc::io, "no"});
    thread.stop();
    CHECK(files->names().back() == "sync");
    CHECK(memory.usage().messages == 3);
    CHECK(noted() == std::vector<SpoolId>{SpoolId(1)});
    auto const again = open_again();
    REQUIRE(finish_noted(*again, memory));
    CHECK(memory.usage().messages == 2);
}

TEST_CASE_METHOD(
    NotingFixture, "spool thread: a removal that has failed is tried again, the oldest first"
) {
    REQUIRE(thread.note_done(SpoolId(2)));
    store.wait_until_committing();
    store.open_gate(Error{Errc::io, "no"});
    REQUIRE(thread.note_done(SpoolId(1)));
    store.wait_for_commits(2);
    CHECK(thread.done().size() == 2);
    store.open_gate();
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 2});
    CHECK(memory.usage().messages == 1);
    CHECK(thread.done().empty());
}

TEST_CASE_METHOD(NotingFixture, "spool thread: after its end a note is for the next run") {
    thread.stop();
    REQUIRE(thread.note_done(SpoolId(1)));
    CHECK(noted() == std::vector<SpoolId>{SpoolId(1)});
    remove(2);
    REQUIRE(inbox.deliveries().size() == 1);
    CHECK(log.at(0).result.error().code == Errc::stopped);
}
