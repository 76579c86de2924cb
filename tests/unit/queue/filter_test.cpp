#include "queue/filter.hpp"

#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include "people.hpp"

using namespace splitmx;
using queue::Filter;

namespace {

// The ids that a filter means, as digits.
std::string meant(Filter const& filter) {
    std::string ids;
    for (auto const& row : test::some_rows()) {
        if (matches(filter, row, test::noon)) ids += std::to_string(row.id.value());
    }
    return ids;
}

std::string address(std::string_view text) { return queue::parse_address_filter(text).value(); }

}  // namespace

TEST_CASE("an empty filter means every message") {
    CHECK(Filter().is_empty());
    CHECK(meant({}) == "1234");
}

TEST_CASE("each flag means what it says") {
    Filter filter;
    std::string expected;
    SECTION("an address, in any case") {
        filter.to = {address("CARL@Contoso.COM")};
        expected = "1";
    }
    SECTION("a domain's addresses, without those below it") {
        filter.to = {address("@contoso.com")};
        expected = "1";
    }
    SECTION("who has it already is not meant") {
        filter.domain = {"sub.contoso.com"};
        expected = "";
    }
    SECTION("a domain and what is below it") {
        filter.domain = {"com"};
        expected = "14";
    }
    SECTION("only whole labels") {
        filter.domain = {"toso.com"};
        expected = "";
    }
    SECTION("one of several values") {
        filter.host = {"europe", "NOTES"};
        expected = "12";
    }
    SECTION("a sender") {
        filter.from = {address("<bob@example.net>")};
        expected = "1";
    }
    SECTION("reports") {
        filter.from = {address("<>")};
        expected = "23";
    }
    SECTION("an answer, or why it is held or set aside") {
        filter.reason = {"Try Later", "LEGAL", "checksum"};
        expected = "123";
    }
    SECTION("old ones") {
        filter.older = std::chrono::minutes{14};
        expected = "12";
    }
    SECTION("new ones") {
        filter.newer = std::chrono::minutes{14};
        expected = "34";
    }
    SECTION("ids") {
        filter.ids = {spool::SpoolId(4), spool::SpoolId(9)};
        expected = "4";
    }
    SECTION("all flags together, of one recipient") {
        filter.to = {address("b@example.com")};
        filter.host = {"notes"};
        expected = "";
    }
    CHECK_FALSE(filter.is_empty());
    CHECK(meant(filter) == expected);
}

TEST_CASE("the typed address counts too") {
    auto row = test::row(1, "bob@example.net", std::chrono::minutes{1});
    row.recipients.push_back(test::recipient("anna@adatum.com", "mailboxes"));
    row.recipients.back().original = "Anna@cpandl.net";
    Filter filter;
    filter.to = {address("anna@CPANDL.net")};
    CHECK(matches(filter, row, test::noon));
}

TEST_CASE("values that mean nothing are refused with what was given") {
    for (auto const* wrong : {"", "anna", "@", "@a b", "a@b@@"}) {
        INFO(wrong);
        auto const parsed = queue::parse_address_filter(wrong);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().what.find("\"") == 0);
    }
    CHECK_FALSE(queue::parse_domain_filter("a_b@c"));
}
