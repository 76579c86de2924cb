#include "dns/cache.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace splitmx::dns {

namespace {

using namespace std::chrono_literals;

constexpr Cache::Instant start{};

Records records(Records::Outcome outcome, std::chrono::seconds ttl) {
    Records value;
    value.outcome = outcome;
    value.ttl = ttl;
    return value;
}

Question question(std::string const& name = "example.com") {
    return Question(name, RecordType::mx);
}

void ignore(RecordsPtr const&) {}

}  // namespace

TEST_CASE("DNS cache: how long an answer is good") {
    struct Row {
        char const* name;
        Records::Outcome outcome;
        std::chrono::seconds ttl;
        std::chrono::seconds expected;
    };
    using Outcome = Records::Outcome;
    auto const row = GENERATE(
        Row{"found, its TTL", Outcome::found, 60s, 60s},
        Row{"found, at most an hour", Outcome::found, 86'400s, 3'600s},
        Row{"found, not to be kept", Outcome::found, 0s, 0s},
        Row{"no data, at most 5 minutes", Outcome::no_data, 3'600s, 300s},
        Row{"no such name, at most 5 minutes", Outcome::no_such_name, 3'600s, 300s},
        Row{"no such name, its TTL", Outcome::no_such_name, 10s, 10s},
        Row{"a failure is not kept", Outcome::failed, 60s, 0s}
    );
    INFO(row.name);
    Cache cache;
    cache.settle(question(), records(row.outcome, row.ttl), start);
    CHECK((cache.find(question(), start) != nullptr) == (row.expected > 0s));
    if (row.expected > 0s) CHECK(cache.find(question(), start + row.expected - 1ns) != nullptr);
    CHECK(cache.find(question(), start + row.expected) == nullptr);
}

TEST_CASE("DNS cache: who asks meanwhile waits for the first, and all get the same") {
    Cache cache;
    std::vector<RecordsPtr> got;
    auto const take = [&](RecordsPtr answer) { got.push_back(std::move(answer)); };
    CHECK(cache.ask(question(), take, start));
    CHECK_FALSE(cache.ask(question(), take, start));
    CHECK(cache.ask(question("other.example"), ignore, start));
    CHECK(got.empty());
    cache.settle(question(), Records::failure("SERVFAIL"), start);
    REQUIRE(got.size() == 2);
    CHECK(got[0] == got[1]);
    CHECK(got[0]->why == "SERVFAIL");
    // Forgotten: the next one asks anew.
    CHECK(cache.ask(question(), take, start));
}

TEST_CASE("DNS cache: what is known is answered at once") {
    Cache cache;
    cache.settle(question(), records(Records::Outcome::found, 60s), start);
    int answers = 0;
    CHECK_FALSE(cache.ask(
        question(), [&](RecordsPtr const&) { ++answers; }, start
    ));
    CHECK(answers == 1);
}

TEST_CASE("DNS cache: it does not grow without end") {
    Cache cache;
    for (std::size_t i = 0; i < cache_entries; ++i) {
        auto const ttl = i % 2 == 0 ? 10s : 60s;
        cache.settle(question(std::to_string(i)), records(Records::Outcome::found, ttl), start);
    }
    // Those whose time is over go first.
    cache.settle(question("next"), records(Records::Outcome::found, 60s), start + 20s);
    CHECK(cache.find(question("1"), start + 20s) != nullptr);
    CHECK(cache.find(question("next"), start + 20s) != nullptr);
    for (std::size_t i = 0; i < cache_entries; ++i) {
        cache.settle(
            question("n" + std::to_string(i)), records(Records::Outcome::found, 60s), start
        );
    }
    CHECK(cache.find(question("1"), start + 20s) == nullptr);
}

}  // namespace splitmx::dns
