#include "mail/reason.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

using namespace splitmx::mail;

// These words and codes are promised to users' scripts.
TEST_CASE("reasons: the promised ids and codes") {
    std::vector<std::string> const promised{
        "mailbox 250 2.1.5",
        "custom_recipient 250 2.1.5",
        "group 250 2.1.5",
        "relay 250 2.1.5",
        "forwarded_unknown 250 2.1.5",
        "postmaster 250 2.1.5",
        "unknown_recipient 550 5.1.1",
        "bad_address 553 5.1.3",
        "ambiguous 550 5.1.4",
        "disabled 550 5.2.1",
        "too_large 552 5.3.4",
        "no_route 554 5.4.4",
        "loop 554 5.4.6",
        "relay_denied 550 5.7.1",
        "restricted 550 5.7.1",
        "expired 451 4.4.7",
        "directory_unavailable 451 4.4.3",
    };
    std::vector<std::string> registered;
    for (auto const& entry : all_reasons()) {
        auto const status = status_of(entry.reason);
        registered.push_back(fmt::format("{} {} {}", entry.id, status.code, status.enhanced_text())
        );
    }
    CHECK(registered == promised);
}

TEST_CASE("reasons: ids lead back, texts are fit for a reply") {
    std::set<std::string_view> ids;
    for (auto const& entry : all_reasons()) {
        INFO(entry.id);
        CHECK(ids.insert(entry.id).second);
        CHECK(reason_from_id(entry.id) == entry.reason);
        CHECK(&info(entry.reason) == &entry);
        CHECK(to_id(entry.reason) == entry.id);
        CHECK_FALSE(entry.meaning.empty());
        CHECK(entry.text.find_first_of("\r\n") == std::string_view::npos);
        CHECK(entry.text.size() < 200);
    }
    CHECK_FALSE(reason_from_id("Mailbox").has_value());
    CHECK_FALSE(reason_from_id("").has_value());
}

TEST_CASE("reasons: the transient form keeps subject and detail") {
    auto const status = transient_status(Reason::ambiguous);
    CHECK(status.is_transient());
    CHECK(status.enhanced_text() == "4.1.4");
}
