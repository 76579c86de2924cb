#include "spool/spool_thread.hpp"

#include "spool/memory_store.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <deque>
#include <optional>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

// A store whose commits wait for the test, so that a batch gathers as often as the test wants, and
// that fails the commits the test chose.
class GatedStore final : public Store {
public:
    explicit GatedStore(Store& real) : real_(real) {}

    // Lets one commit through, failing with `failure` if there is one, and waits until it has
    // begun.
    void open_gate(std::optional<Error> failure = std::nullopt) {
        std::lock_guard const lock(mutex_);
        permits_.push_back(std::move(failure));
        changed_.notify_all();
    }
    void wait_until_committing() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_; });
    }
    void wait_for_commits(std::size_t begun) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return sizes_.size() >= begun; });
    }
    std::vector<std::size_t> batch_sizes() const {
        std::lock_guard const lock(mutex_);
        return sizes_;
    }

    Result<void> apply(std::span<Change const> batch) override {
        std::unique_lock lock(mutex_);
        sizes_.push_back(batch.size());
        inside_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !permits_.empty(); });
        auto const failure = std::move(permits_.front());
        permits_.pop_front();
        inside_ = false;
        if (failure) return *failure;
        return real_.apply(batch);
    }
    Result<QueueItem> read(SpoolId id) const override { return real_.read(id); }
    Result<BodyReader> open_body(SpoolId id) const override { return real_.open_body(id); }
    Result<void> for_each(Visitor const& visitor) const override { return real_.for_each(visitor); }
    Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const override {
        return real_.for_each_summary(visitor, progress);
    }
    Result<void> for_each_damaged(DamagedVisitor const& visitor) const override {
        return real_.for_each_damaged(visitor);
    }
    Result<std::string> damaged_record(SpoolId id) const override {
        return real_.damaged_record(id);
    }
    Result<BodyReader> open_damaged_body(SpoolId id) const override {
        return real_.open_damaged_body(id);
    }
    SpoolId last_id() const override { return real_.last_id(); }
    Usage usage() const override { return real_.usage(); }

private:
    Store& real_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::optional<Error>> permits_;
    bool inside_ = false;
    std::vector<std::size_t> sizes_;
};

// Keeps what was delivered, one entry for each deliver().
class RecordingInbox final : public Inbox {
public:
    void deliver(std::vector<Completion> completions) override {
        std::lock_guard const lock(mutex_);
        for (auto& completion : completions) completion.waiter->done(completion.result);
        deliveries_.push_back(completions.size());
        changed_.notify_all();
    }
    std::vector<std::size_t> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return deliveries_.size() >= count; });
        return deliveries_;
    }
    std::vector<std::size_t> deliveries() {
        std::lock_guard const lock(mutex_);
        return deliveries_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::size_t> deliveries_;
};

struct Heard {
    std::string name;
    Result<void> result;
};

class NamedWaiter final : public Waiter {
public:
    NamedWaiter(std::vector<Heard>& log, std::string name) : log_(log), name_(std::move(name)) {}
    void done(Result<void> result) override { log_.push_back({name_, std::move(result)}); }

private:
    std::vector<Heard>& log_;
    std::string name_;
};

struct Fixture {
    support::TemporaryDirectory directory;
    std::unique_ptr<BodyDirectory> bodies =
        BodyDirectory::open(std::make_shared<PosixFileSystem>(), directory.file("body")).value();
    MemoryStore memory{*bodies};
    GatedStore store{memory};
    RecordingInbox first;
    RecordingInbox second;
    std::vector<Heard> log;  // written on the spool thread; read after stop()
    SpoolThread thread{store};

    void submit(Changes changes, std::string name, Inbox& inbox) {
        thread.submit(
            std::move(changes), inbox, std::make_unique<NamedWaiter>(log, std::move(name))
        );
    }
    void put(std::uint64_t id, Inbox& inbox) {
        submit(one(sample_put(id, "body")), "put " + std::to_string(id), inbox);
    }
    // A first commit that is under way, so that all that follows is one batch.
    void block() {
        put(1000, first);
        store.wait_until_committing();
    }
    std::string outcome(std::string const& name) const {
        for (auto const& heard : log) {
            if (heard.name == name) {
                return heard.result ? "ok" : std::string(message(heard.result.error().code));
            }
        }
        return "not heard";
    }
};

std::string const no_space(message(Errc::no_space));

}  // namespace

TEST_CASE_METHOD(Fixture, "spool thread: the batch forms while a commit runs") {
    block();
    for (std::uint64_t id = 1; id <= 10; ++id) put(id, id % 2 == 0 ? first : second);
    CHECK(thread.load().waiting == 11);
    CHECK(thread.load().waiting_octets > 11 * 4);
    store.open_gate();
    store.open_gate();
    CHECK(first.wait_for(2) == std::vector<std::size_t>{1, 5});
    CHECK(second.wait_for(1) == std::vector<std::size_t>{5});
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 10});
    CHECK(thread.load().waiting == 0);
    CHECK(thread.load().waiting_octets == 0);
    CHECK(thread.load().batches == 2);
    CHECK(thread.load().failed == 0);
    CHECK(memory.usage().messages == 11);
}

TEST_CASE_METHOD(Fixture, "spool thread: completions come in the order of submission") {
    block();
    for (std::uint64_t id = 1; id <= 50; ++id) put(id, first);
    store.open_gate();
    store.open_gate();
    thread.stop();
    REQUIRE(log.size() == 51);
    for (std::uint64_t id = 1; id <= 50; ++id) CHECK(log[id].name == "put " + std::to_string(id));
}

TEST_CASE_METHOD(Fixture, "spool thread: nobody hears of success before the commit") {
    block();
    CHECK(first.deliveries().empty());
    store.open_gate();
    CHECK(first.wait_for(1).size() == 1);
    thread.stop();
}

TEST_CASE_METHOD(Fixture, "spool thread: stop writes what waits") {
    block();
    for (std::uint64_t id = 1; id <= 5; ++id) put(id, first);
    thread.submit(one(sample_put(6, "nobody waits")));
    store.open_gate();
    store.open_gate();
    thread.stop();
    CHECK(log.size() == 6);
    CHECK(memory.usage().messages == 7);
    SECTION("and refuses what comes later") {
        put(7, first);
        thread.submit(one(sample_put(8, "nobody waits")));
        CHECK(outcome("put 7") == message(Errc::stopped));
        CHECK(memory.usage().messages == 7);
        CHECK(thread.load().failed == 2);
        thread.stop();  // twice is fine
    }
}

TEST_CASE_METHOD(Fixture, "spool thread: on a full disk Puts fail and the queue drains") {
    REQUIRE(
        memory.apply(batch_of(sample_put(1, "one"), sample_put(2, "two"), sample_put(3, "three")))
    );
    auto const code = GENERATE(Errc::no_space, Errc::io);
    block();
    put(10, first);
    submit(one(Remove{SpoolId(1)}), "remove 1", first);
    submit(batch_of(sample_put(11, "report"), Remove{SpoolId(2)}), "report on 2", second);
    auto changed = sample_item(3);
    changed.helo = "changed";
    submit(one(Update{changed}), "update 3", second);
    store.open_gate();
    store.open_gate(Error(code, "made to fail"));
    store.open_gate();
    thread.stop();

    CHECK(outcome("put 10") == message(code));
    CHECK(outcome("report on 2") == message(code));
    CHECK(outcome("remove 1") == "ok");
    CHECK(outcome("update 3") == "ok");
    CHECK(failed_with(memory.read(SpoolId(1)), Errc::not_found));
    CHECK(memory.read(SpoolId(2)));  // its report is not durable
    CHECK(memory.read(SpoolId(3)).value().helo == "changed");
    CHECK(first.deliveries() == std::vector<std::size_t>{1, 2});
    CHECK(second.deliveries() == std::vector<std::size_t>{2});
    CHECK(thread.load().failed == 2);
}

TEST_CASE_METHOD(Fixture, "spool thread: when draining fails too, all hear of it") {
    block();
    put(10, first);
    submit(one(Remove{SpoolId(1)}), "remove 1", first);
    store.open_gate();
    store.open_gate(Error(Errc::no_space, "made to fail"));
    store.open_gate(Error(Errc::io, "made to fail"));
    thread.stop();
    CHECK(outcome("put 10") == no_space);
    CHECK(outcome("remove 1") == message(Errc::io));
}

TEST_CASE_METHOD(Fixture, "spool thread: failed Puts are not tried again") {
    block();
    put(10, first);
    put(11, first);
    store.open_gate();
    store.open_gate(Error(Errc::io, "made to fail"));
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 2});
    CHECK(memory.usage().messages == 1);
}

TEST_CASE_METHOD(Fixture, "spool thread: one wrong id refuses nobody else") {
    block();
    put(10, first);
    put(1000, second);  // is there already
    put(11, first);
    for (int commits = 0; commits < 5; ++commits) store.open_gate();
    thread.stop();
    CHECK(outcome("put 10") == "ok");
    CHECK(outcome("put 11") == "ok");
    REQUIRE(log.size() == 4);
    CHECK(failed_with(log.back().result, Errc::exists));
    CHECK(memory.usage().messages == 3);
    CHECK(first.deliveries() == std::vector<std::size_t>{1, 2});
}

TEST_CASE_METHOD(Fixture, "spool thread: body files of failed Puts do not stay") {
    BodySink sink(*bodies, SpoolId(5), 1);
    REQUIRE(sink.append("large"));
    submit(one(Put{sample_item(5), sink.finish().value()}), "put 5", first);
    store.open_gate(Error(Errc::no_space, "made to fail"));
    thread.stop();
    CHECK(outcome("put 5") == no_space);
    CHECK(bodies->files().list(bodies->path()).value().empty());
}

TEST_CASE_METHOD(Fixture, "spool thread: submissions from many threads all arrive") {
    for (int commits = 0; commits < 2000; ++commits) store.open_gate();
    std::atomic<std::uint64_t> next{1};
    std::vector<std::thread> submitters;
    for (int i = 0; i < 4; ++i) {
        submitters.emplace_back([&] {
            for (int n = 0; n < 100; ++n) {
                auto& inbox = n % 2 == 0 ? first : second;
                thread.submit(
                    one(sample_put(next++, "body")),
                    inbox,
                    std::make_unique<NamedWaiter>(log, "any")
                );
            }
        });
    }
    for (auto& submitter : submitters) submitter.join();
    thread.stop();
    CHECK(log.size() == 400);
    CHECK(memory.usage().messages == 400);
    CHECK(thread.load().waiting == 0);
}

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

TEST_CASE_METHOD(NotingFixture, "spool thread: a removal that has failed is tried again, the oldest first") {
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
