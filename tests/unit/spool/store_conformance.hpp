// What every Store must do; each implementation's test instantiates these with a type that makes an
// empty store: store() and bodies().
#pragma once

#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace splitmx::spool {

// A body in a file, as a session leaves it.
inline Put file_put(BodyDirectory& bodies, std::uint64_t id, std::string_view text) {
    BodySink sink(bodies, SpoolId(id), 1);
    REQUIRE(sink.append(text));
    return {sample_item(id), sink.finish().value()};
}

inline std::vector<std::uint64_t> ids_of(Store const& store) {
    std::vector<std::uint64_t> ids;
    REQUIRE(store.for_each([&](SpoolId id, Result<QueueItem> const& item) {
        REQUIRE(item);
        CHECK(item->id == id);
        ids.push_back(id.value());
    }));
    return ids;
}

inline std::size_t files_of(BodyDirectory& bodies) {
    return bodies.files().list(bodies.path()).value().size();
}

template <class Fixture>
void check_put_and_read(Fixture fixture) {
    auto& store = fixture.store();
    CHECK(failed_with(store.read(SpoolId(7)), Errc::not_found));
    CHECK(failed_with(store.open_body(SpoolId(7)), Errc::not_found));
    CHECK(store.last_id() == SpoolId());
    REQUIRE(store.apply({}));

    REQUIRE(store.apply(batch_of(sample_put(7, "seven"), sample_put(3, ""))));
    auto const item = store.read(SpoolId(7));
    REQUIRE(item);
    CHECK(item->size == 5);
    CHECK(item->checksum == crc32c("seven"));
    CHECK(item->body_place == BodyPlace::record);
    CHECK(item->recipients == sample_item(7).recipients);
    CHECK(body_of(store, 7).value() == "seven");
    CHECK(body_of(store, 3).value().empty());
    CHECK(ids_of(store) == std::vector<std::uint64_t>{3, 7});
    CHECK(store.usage().messages == 2);
    CHECK(store.usage().used > 0);
}

// Several loops give ids; who is first with the end of a message is first here.
template <class Fixture>
void check_any_order(Fixture fixture) {
    auto& store = fixture.store();
    auto const put = [](std::uint64_t id) { return sample_put(id, "body " + std::to_string(id)); };
    REQUIRE(store.apply(batch_of(put(20), put(3), put(11), Remove{SpoolId(11)}, put(30), put(12))));
    REQUIRE(store.apply(batch_of(put(31), put(10), put(40), Remove{SpoolId(40)}, put(21))));
    std::vector<std::uint64_t> const left{3, 10, 12, 20, 21, 30, 31};
    CHECK(ids_of(store) == left);
    for (auto const id : left) CHECK(body_of(store, id).value() == "body " + std::to_string(id));
    CHECK(store.last_id() == SpoolId(40));
}

template <class Fixture>
void check_update(Fixture fixture) {
    auto& store = fixture.store();
    REQUIRE(store.apply(one(sample_put(7, "seven"))));
    auto changed = sample_item(7);  // knows nothing of the body
    changed.recipients[0].state = RecipientState::delivered;
    changed.helo = std::string(5000, 'x');
    REQUIRE(store.apply(one(Update{changed})));
    auto const item = store.read(SpoolId(7)).value();
    CHECK(item.recipients[0].state == RecipientState::delivered);
    CHECK(item.helo.size() == 5000);
    CHECK(item.size == 5);
    CHECK(body_of(store, 7).value() == "seven");

    // Whoever removed it has decided.
    REQUIRE(store.apply(one(Update{sample_item(8)})));
    CHECK(ids_of(store) == std::vector<std::uint64_t>{7});
}

template <class Fixture>
void check_summaries(Fixture fixture) {
    auto& store = fixture.store();
    auto held = sample_item(8);
    held.held = "by the operator";
    held.recipients[0].state = RecipientState::delivered;
    Put put(std::move(held), Body::from_text("eight"));
    REQUIRE(store.apply(batch_of(std::move(put), sample_put(7, "seven"))));
    std::vector<std::string> seen;
    std::uint64_t told = 0;
    auto const unreadable = store.for_each_summary(
        [&](Summary const& summary) {
            seen.push_back(
                summary.id.to_text() + " " + std::to_string(summary.size) + " " +
                std::to_string(summary.pending.size()) + (summary.is_held ? " held" : "")
            );
            CHECK(summary.sender == "sender@example.com");
            for (auto const& recipient : summary.pending) CHECK(recipient.hop == "host:notes");
        },
        [&](std::uint64_t done, std::uint64_t all) {
            CHECK(all == 2);
            told = done;
        }
    );
    REQUIRE(unreadable);
    CHECK(unreadable->empty());
    CHECK(seen == std::vector<std::string>{"0000000007 5 2", "0000000008 5 1 held"});
    CHECK(told == 2);
}

template <class Fixture>
void check_remove(Fixture fixture) {
    auto& store = fixture.store();
    REQUIRE(store.apply(batch_of(sample_put(7, "seven"), sample_put(8, "eight"))));
    auto const before = store.usage().messages;
    REQUIRE(store.apply(one(Remove{SpoolId(7)})));
    CHECK(failed_with(store.read(SpoolId(7)), Errc::not_found));
    CHECK(failed_with(store.open_body(SpoolId(7)), Errc::not_found));
    CHECK(body_of(store, 8).value() == "eight");
    CHECK(store.usage().messages == before - 1);
    REQUIRE(store.apply(one(Remove{SpoolId(7)})));
    // The seed of ids does not go back.
    REQUIRE(store.apply(one(Remove{SpoolId(8)})));
    CHECK(store.last_id() == SpoolId(8));
}

template <class Fixture>
void check_atomic(Fixture fixture) {
    auto& store = fixture.store();
    REQUIRE(store.apply(one(sample_put(1, "original"))));
    SECTION("a report and what it is about") {
        REQUIRE(store.apply(batch_of(sample_put(2, "report"), Remove{SpoolId(1)})));
        CHECK(ids_of(store) == std::vector<std::uint64_t>{2});
    }
    SECTION("an id twice changes nothing at all") {
        auto changed = sample_item(1);
        changed.helo = "changed";
        auto const refused = store.apply(batch_of(
            sample_put(5, "new"), Update{changed}, sample_put(1, "other"), Remove{SpoolId(1)}
        ));
        CHECK(failed_with(refused, Errc::exists));
        CHECK(ids_of(store) == std::vector<std::uint64_t>{1});
        CHECK(store.read(SpoolId(1)).value().helo == "mx.example");
        CHECK(body_of(store, 1).value() == "original");
        CHECK(store.last_id() == SpoolId(1));
        REQUIRE(store.apply(one(sample_put(5, "new"))));
    }
    SECTION("later changes of a message count") {
        auto changed = sample_item(6);
        changed.helo = "changed";
        REQUIRE(store.apply(batch_of(sample_put(6, "six"), Update{changed}, Remove{SpoolId(1)})));
        CHECK(store.read(SpoolId(6)).value().helo == "changed");
        REQUIRE(store.apply(batch_of(Remove{SpoolId(6)}, Update{changed})));
        CHECK(ids_of(store).empty());
    }
}

template <class Fixture>
void check_files(Fixture fixture) {
    auto& store = fixture.store();
    auto& bodies = fixture.bodies();
    std::string const large(300'000, 'L');
    REQUIRE(store.apply(one(file_put(bodies, 9, large))));
    CHECK(store.read(SpoolId(9)).value().body_place == BodyPlace::file);
    CHECK((body_of(store, 9).value() == large));
    CHECK(files_of(bodies) == 1);

    SECTION("removed with their message") {
        auto reader = store.open_body(SpoolId(9)).value();
        REQUIRE(store.apply(one(Remove{SpoolId(9)})));
        CHECK(files_of(bodies) == 0);
        CHECK((drain(reader).value() == large));  // whoever reads goes on
    }
    SECTION("removed when the batch fails") {
        auto refused = batch_of(file_put(bodies, 10, large), sample_put(9, "again"));
        CHECK(failed_with(store.apply(refused), Errc::exists));
        refused.clear();
        CHECK(files_of(bodies) == 1);
        CHECK((body_of(store, 9).value() == large));
    }
    SECTION("an update leaves them alone") {
        REQUIRE(store.apply(one(Update{sample_item(9)})));
        CHECK((body_of(store, 9).value() == large));
    }
    SECTION("a missing one is damage") {
        REQUIRE(bodies.remove(SpoolId(9)));
        CHECK(failed_with(store.open_body(SpoolId(9)), Errc::damaged));
    }
}

inline std::vector<DamagedMessage> damaged_in(StoreReader const& store) {
    std::vector<DamagedMessage> all;
    REQUIRE(store.for_each_damaged([&](DamagedMessage const& one) { all.push_back(one); }));
    return all;
}

template <class Fixture>
void check_set_aside(Fixture fixture) {
    auto& store = fixture.store();
    auto& bodies = fixture.bodies();
    std::string const large(300'000, 'L');
    REQUIRE(store.apply(
        batch_of(sample_put(7, "seven"), file_put(bodies, 8, large), sample_put(9, "nine"))
    ));
    auto const since = at(std::chrono::seconds{60});
    REQUIRE(store.apply(batch_of(
        SetAside{SpoolId(7), since, "for a reason"},
        SetAside{SpoolId(8), since, "for another"},
        SetAside{SpoolId(10), since, "not there"}
    )));
    // They are out of the queue in every way.
    CHECK(ids_of(store) == std::vector<std::uint64_t>{9});
    CHECK(failed_with(store.read(SpoolId(7)), Errc::not_found));
    CHECK(failed_with(store.open_body(SpoolId(8)), Errc::not_found));
    CHECK(store.usage().messages == 1);
    CHECK(store.usage().damaged == 2);
    CHECK(files_of(bodies) == 0);
    REQUIRE(store.apply(batch_of(Remove{SpoolId(7)}, SetAside{SpoolId(7), since, "again"})));

    // And nothing of them is lost.
    auto all = damaged_in(store);
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == SpoolId(7));
    CHECK(all[0].since == since);
    CHECK(all[0].reason == "for a reason");
    CHECK(all[0].body_octets == 5);
    REQUIRE(all[0].item);
    CHECK(all[0].item->recipients == sample_item(7).recipients);
    CHECK(decode(store.damaged_record(SpoolId(7)).value()).value() == *all[0].item);
    CHECK(all[1].body_octets == large.size());
    auto seven = store.open_damaged_body(SpoolId(7)).value();
    CHECK(drain(seven).value() == "seven");
    auto eight = store.open_damaged_body(SpoolId(8)).value();
    CHECK((drain(eight).value() == large));
    CHECK(failed_with(store.damaged_record(SpoolId(9)), Errc::not_found));
    CHECK(failed_with(store.open_damaged_body(SpoolId(9)), Errc::not_found));

    SECTION("an update still counts") {
        auto changed = sample_item(7);
        changed.recipients[0].state = RecipientState::delivered;
        REQUIRE(store.apply(one(Update{changed})));
        CHECK(damaged_in(store)[0].item->recipients == changed.recipients);
        CHECK(damaged_in(store)[0].item->size == 5);
        CHECK(ids_of(store) == std::vector<std::uint64_t>{9});
    }
    SECTION("until they are discarded") {
        REQUIRE(store.apply(batch_of(Discard{SpoolId(7)}, Discard{SpoolId(8)}, Discard{SpoolId(9)}))
        );
        CHECK(damaged_in(store).empty());
        CHECK(store.usage().damaged == 0);
        CHECK(failed_with(store.damaged_record(SpoolId(7)), Errc::not_found));
        CHECK(failed_with(store.open_damaged_body(SpoolId(8)), Errc::not_found));
        CHECK(body_of(store, 9).value() == "nine");
    }
}

template <class Fixture>
void check_reader_outlives_message(Fixture fixture) {
    auto& store = fixture.store();
    REQUIRE(store.apply(one(sample_put(7, "seven"))));
    auto reader = store.open_body(SpoolId(7)).value();
    REQUIRE(store.apply(one(Remove{SpoolId(7)})));
    for (std::uint64_t id = 8; id < 40; ++id) {
        REQUIRE(store.apply(one(sample_put(id, std::string(10'000, 'x')))));
    }
    CHECK(drain(reader).value() == "seven");
}

// The fixture's store is small: a few megabytes.
template <class Fixture>
void check_full(Fixture fixture) {
    auto& store = fixture.store();
    std::string const body(50'000, 'x');
    std::uint64_t id = 1;
    auto result = store.apply(one(sample_put(id, body)));
    while (result && id < 10'000) result = store.apply(one(sample_put(++id, body)));
    REQUIRE(failed_with(result, Errc::no_space));
    auto const stored = id - 1;
    REQUIRE(stored > 5);
    CHECK(failed_with(store.read(SpoolId(id)), Errc::not_found));

    CHECK(ids_of(store).size() == stored);
    CHECK(body_of(store, 1).value() == body);
    // Deliveries go on: states change, messages leave.
    for (std::uint64_t one_id = 1; one_id <= stored; ++one_id) {
        auto item = sample_item(one_id);
        item.recipients[0].state = RecipientState::delivered;
        REQUIRE(store.apply(one(Update{item})));
    }
    for (std::uint64_t one_id = 1; one_id <= stored / 2; ++one_id) {
        REQUIRE(store.apply(one(Remove{SpoolId(one_id)})));
    }
    CHECK(body_of(store, stored).value() == body);
    // And there is room again.
    REQUIRE(store.apply(one(sample_put(20'000, body))));
    CHECK(body_of(store, 20'000).value() == body);
}

}  // namespace splitmx::spool
