#include "relay/unfound_x500.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace splitmx;
using relay::UnfoundX500;

namespace {

resolver::Decision decision(resolver::Rule rule) {
    resolver::Decision decided;
    decided.trace.push_back({rule, "X500:/o=x", ""});
    return decided;
}

void refuse(UnfoundX500& names, std::string const& address, resolver::Decision const* decided) {
    observe::RecipientRefused event;
    event.address = address;
    event.session = "S1";
    event.decision = decided;
    names.see(event);
}

}  // namespace

TEST_CASE("X500 addresses that nobody has are counted by their name") {
    UnfoundX500 names;
    auto const unfound = decision(resolver::Rule::directory_x500_none);
    refuse(names, "IMCEAEX-_o=x_cn=anna@a.example", &unfound);
    refuse(names, "IMCEAEX-_o=x_cn=ben@a.example", &unfound);
    refuse(names, "imceaex-_O=X_CN=ANNA@b.example", &unfound);
    // Accepted for the other system, which may know.
    observe::RecipientDecided event;
    event.address = "IMCEAEX-_o=x_cn=anna@shared.example";
    event.session = "S1";
    event.decision = &unfound;
    names.see(event);
    auto const list = names.list();
    REQUIRE(list.names.size() == 2);
    CHECK(list.names[0].x500 == "/o=x/cn=anna");
    CHECK(list.names[0].address == "IMCEAEX-_o=x_cn=anna@shared.example");
    CHECK(list.names[0].count == 3);
    CHECK(list.names[0].first <= list.names[0].last);
    CHECK(list.names[1].count == 1);
    CHECK(list.unlisted == 0);
}

TEST_CASE("what is found, decided again or no X500 address is not counted") {
    UnfoundX500 names;
    auto const found = decision(resolver::Rule::directory_x500);
    auto const unfound = decision(resolver::Rule::directory_x500_none);
    refuse(names, "IMCEAEX-_o=x_cn=anna@a.example", &found);
    refuse(names, "IMCEAEX-_o=x_cn=anna@a.example", nullptr);
    refuse(names, "anna@a.example", &unfound);
    observe::RecipientDecided again;  // in the queue: without a session
    again.address = "IMCEAEX-_o=x_cn=anna@a.example";
    again.decision = &unfound;
    names.see(again);
    CHECK(names.list().names.empty());
}

TEST_CASE("a flood of X500 addresses is a number") {
    UnfoundX500 names;
    auto const unfound = decision(resolver::Rule::directory_x500_none);
    for (std::size_t i = 0; i < UnfoundX500::capacity + 10; ++i) {
        refuse(names, fmt::format("IMCEAEX-_o=x_cn=n{}@a.example", i), &unfound);
    }
    refuse(names, "IMCEAEX-_o=x_cn=n0@a.example", &unfound);
    auto const list = names.list();
    CHECK(list.names.size() == UnfoundX500::capacity);
    CHECK(list.names.front().count == 2);
    CHECK(list.unlisted == 10);
}
