#include "resolver/domain_pattern.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using resolver::Coverage;
using resolver::DomainIndex;
using resolver::DomainPattern;

namespace {

mail::Domain domain(char const* text) { return mail::Domain::parse(text).value(); }

}  // namespace

TEST_CASE("domain pattern: forms an administrator writes") {
    struct Row {
        char const* text;
        char const* canonical;
        Coverage coverage;
    };
    auto const row = GENERATE(
        Row{"adatum.com", "adatum.com", Coverage::with_subdomains},
        Row{"#adatum.com", "#adatum.com", Coverage::exact},
        Row{"# Adatum.COM. ", "#adatum.com", Coverage::exact},
        Row{".adatum.com", ".adatum.com", Coverage::subdomains_only},
        Row{"  com ", "com", Coverage::with_subdomains},
        Row{"b\xC3\xBC"
            "cher.example",
            "xn--bcher-kva.example",
            Coverage::with_subdomains},
        Row{"10.0.0.7", "[10.0.0.7]", Coverage::exact},
        Row{"[10.0.0.7]", "[10.0.0.7]", Coverage::with_subdomains}
    );
    CAPTURE(row.text);
    auto const pattern = DomainPattern::parse(row.text);
    REQUIRE(pattern.has_value());
    CHECK(pattern->to_text() == row.canonical);
    CHECK(pattern->coverage == row.coverage);
}

TEST_CASE("domain pattern: refused with a hint") {
    CHECK(DomainPattern::parse("*").error().what.find("name each domain") != std::string::npos);
    CHECK_FALSE(DomainPattern::parse("*.adatum.com").has_value());
    CHECK_FALSE(DomainPattern::parse("@adatum.com").has_value());
    CHECK_FALSE(DomainPattern::parse("").has_value());
    CHECK_FALSE(DomainPattern::parse("#").has_value());
    CHECK_FALSE(DomainPattern::parse("a..b").has_value());
}

TEST_CASE("domain index: whole labels, longest first, exact before plain") {
    DomainIndex index;
    char const* const patterns[] = {
        "ms.com", "x.ms.com", "#ms.com", "com", ".sea.com", "#exact.org"};
    for (std::size_t i = 0; i < std::size(patterns); ++i) {
        REQUIRE(index.add(DomainPattern::parse(patterns[i]).value(), i));
    }
    CHECK(index.size() == std::size(patterns));
    CHECK_FALSE(index.add(DomainPattern::parse("MS.com").value(), 9));

    struct Row {
        char const* domain;
        int rule;  // -1: none
    };
    auto const row = GENERATE(
        Row{"ms.com", 2},
        Row{"sales.ms.com", 0},
        Row{"abc.x.ms.com", 1},
        Row{"x.ms.com", 1},
        Row{"pms.com", 3},
        Row{"sea.com", 3},
        Row{"chel.sea.com", 4},
        Row{"chelsea.com", 3},
        Row{"exact.org", 5},
        Row{"sub.exact.org", -1},
        Row{"org", -1},
        Row{"[192.0.2.1]", -1}
    );
    CAPTURE(row.domain);
    auto const found = index.find(domain(row.domain));
    CHECK((found ? static_cast<int>(*found) : -1) == row.rule);
}

TEST_CASE("domain index: an address is not a suffix of anything") {
    DomainIndex index;
    REQUIRE(index.add(DomainPattern::parse("10.0.0.7").value(), 0));
    CHECK(index.find(domain("[10.0.0.7]")) == 0u);
    CHECK_FALSE(index.find(domain("[10.0.0.8]")));
}
