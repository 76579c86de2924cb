#include "spool/spool_thread.hpp"

#include "tests/unit/spool/gated_store.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

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

TEST_CASE_METHOD(Fixture, "spool thread: a commit has some MiB at most, and then the next one follows") {
    block();
    std::string const body(std::size_t{1} << 20, 'x');
    for (std::uint64_t id = 1; id <= 5; ++id) submit(one(sample_put(id, body)), "large", first);
    for (int commit = 0; commit < 3; ++commit) store.open_gate();
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 3, 2});
    CHECK(memory.usage().messages == 6);
}

TEST_CASE_METHOD(Fixture, "spool thread: what is quick does not wait for the rest") {
    store.quick = [](Change const& change) { return id_of(change).value() % 2 == 0; };
    block();
    for (std::uint64_t id = 1; id <= 4; ++id) put(id, first);
    // One matter: all of it is slow.
    submit(batch_of(sample_put(5, "a report"), sample_put(6, "another")), "both", first);
    store.open_gate();
    store.open_gate();
    CHECK(first.wait_for(2) == std::vector<std::size_t>{1, 2});
    store.open_gate(Error{Errc::no_space, "full"});
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 2, 4});
    std::string order;
    for (auto const& heard : log) order += heard.name + ", ";
    CHECK(order == "put 1000, put 2, put 4, put 1, put 3, both, ");
    CHECK(outcome("put 2") == "ok");
    CHECK(outcome("put 3") == no_space);
    CHECK(outcome("both") == no_space);
    CHECK(memory.usage().messages == 3);
}

TEST_CASE_METHOD(Fixture, "spool thread: changes of one message stay in their order") {
    auto const is_kind = [](Change const& change) {
        return std::holds_alternative<Put>(change) || std::holds_alternative<Remove>(change);
    };
    store.quick = is_kind;
    for (std::uint64_t const id : {1, 2, 3}) {
        static_cast<void>(memory.apply(one(sample_put(id, "body"))));
    }
    block();
    submit(one(SetAside{SpoolId(1), at(std::chrono::seconds{60}), "why"}), "aside", first);
    submit(batch_of(Remove{SpoolId(2)}, Remove{SpoolId(1)}), "remove 1, 2", first);
    submit(batch_of(sample_put(7, "body"), Remove{SpoolId(2)}), "put 7", first);
    submit(one(Remove{SpoolId(3)}), "remove 3", first);
    for (int commit = 0; commit < 3; ++commit) store.open_gate();
    thread.stop();
    CHECK(store.batch_sizes() == std::vector<std::size_t>{1, 1, 5});
    // A removal before it would have left nothing to set aside.
    CHECK(memory.usage().damaged == 1);
    CHECK(memory.usage().messages == 2);
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
