#include "spool/spool_id.hpp"

#include "tests/support/result_text.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <set>
#include <thread>
#include <vector>

using namespace splitmx;
using spool::SpoolId;
using spool::SpoolIdSource;

namespace {

mail::Instant day(int year, unsigned month, unsigned number) {
    return std::chrono::sys_days(
        std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(number)
    );
}

}  // namespace

TEST_CASE("spool id: text and back") {
    auto const value = GENERATE(
        std::uint64_t{0},
        1,
        31,
        32,
        1023,
        std::uint64_t{1} << 49,
        std::uint64_t{1} << 50,
        std::numeric_limits<std::uint64_t>::max()
    );
    SpoolId const id(value);
    CHECK(id.to_text().size() >= 10);
    CHECK(SpoolId::parse(id.to_text()).value() == id);
}

TEST_CASE("spool id: lower case is taken, text is ten characters and sorts like the id") {
    CHECK(SpoolId::parse("8fq2k7m1d4").value() == SpoolId::parse("8FQ2K7M1D4").value());
    SpoolIdSource source{SpoolId()};
    auto const early = source.next(day(2026, 11, 21));
    auto const late = source.next(day(2057, 12, 31));
    CHECK(early.to_text().size() == 10);
    CHECK(late.to_text().size() == 10);
    CHECK(early < late);
    CHECK(early.to_text() < late.to_text());
}

TEST_CASE("spool id: what is no id") {
    struct Row {
        char const* name;
        char const* text;
        std::size_t at;
    };
    auto const row = GENERATE(values<Row>({
        {"empty", "", 0},
        {"too short", "8FQ2K7M1D", 0},
        {"too long", "0000000000000A", 0},
        {"letter U", "8FQ2K7M1DU", 9},
        {"letter I", "IFQ2K7M1D4", 0},
        {"slash", "8FQ2/7M1D4", 4},
        {"more than 64 bits", "G000000000000", 12},
        {"second spelling", "08FQ2K7M1D4", 0},
    }));
    INFO(row.name);
    auto const parsed = SpoolId::parse(row.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().at == row.at);
}

TEST_CASE("spool id: when it was given") {
    SpoolIdSource source{SpoolId()};
    auto const now = day(2026, 11, 21) + std::chrono::milliseconds(7);
    auto const id = source.next(now);
    CHECK(id.given() == now);
    CHECK(source.last() == id);
    // A source that is told an earlier time goes on from the last id.
    CHECK(source.next(day(2026, 11, 20)).given() == now);
}

TEST_CASE("spool id source: never the same id twice") {
    auto const now = day(2026, 11, 21);

    SECTION("within one millisecond, also beyond its sequence") {
        SpoolIdSource source{SpoolId()};
        auto last = source.next(now);
        for (int i = 0; i < 3000; ++i) {
            auto const next = source.next(now);
            REQUIRE(next > last);
            last = next;
        }
    }
    SECTION("after a restart with the clock set back") {
        SpoolIdSource before{SpoolId()};
        auto const last = before.next(now);
        SpoolIdSource after{last};
        CHECK(after.next(day(2020, 1, 1)) > last);
        CHECK(after.next(day(2025, 1, 1)) > last);
    }
    SECTION("by several threads") {
        SpoolIdSource source{SpoolId()};
        std::vector<std::vector<SpoolId>> given(4);
        std::vector<std::thread> threads;
        for (auto& mine : given) {
            threads.emplace_back([&mine, &source, now] {
                for (int i = 0; i < 5000; ++i) mine.push_back(source.next(now));
            });
        }
        for (auto& thread : threads) thread.join();
        std::set<SpoolId> all;
        for (auto const& mine : given) all.insert(mine.begin(), mine.end());
        CHECK(all.size() == 20000);
    }
}
