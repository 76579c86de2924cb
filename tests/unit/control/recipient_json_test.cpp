// Recipients on their way to the tool: there and back, whatever they hold, and nothing guessed.
#include "control/recipient_json.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::control;

namespace {

mail::Mailbox address(std::string const& text) { return *mail::Mailbox::parse(text); }

schema::ListedRecipient odd_one() {
    resolver::Recipient one;
    one.name = {"cn=J\xc3\xb6rg \xff\n,dc=x", "cn=j\xc3\xb6rg \xff\n,dc=x"};
    one.kind = resolver::RecipientKind::group;
    one.addresses = {
        address("\"a b\"@x.example"), {mail::LocalPart(), *mail::Domain::parse("x.example")}};
    one.primary = one.addresses.front();
    one.target = resolver::TargetAddress{"NOTES", "J/Org \xfe"};
    one.mail_host = "mbx1";
    one.hidden = true;
    one.alternate = resolver::EntryName{"cn=b,dc=x", "cn=b,dc=x"};
    one.accept_from = {address("c@x.example"), resolver::EntryName{"cn=D", "cn=d"}};
    one.members = {{"cn=E", "cn=e"}};
    one.member_addresses = {address("f@x.example")};
    one.malformed_members = {"\x01"};
    return {
        std::make_shared<resolver::Recipient const>(one),
        nullptr,
        {{schema::RemarkId::double_dot, "mail", "a..b@x"}}};
}

}  // namespace

TEST_CASE("a recipient there and back") {
    auto const sent = odd_one();
    auto const line = encode(Answer{1, Row{to_wire(sent)}});
    auto const answer = decode_answer(line.substr(0, line.size() - 1));
    REQUIRE(answer.has_value());
    auto const read = read_recipient(std::get<Row>(answer->content).content);
    REQUIRE(read.has_value());
    auto const& a = *sent.recipient;
    auto const& b = *read->recipient;
    CHECK(b.name.text == a.name.text);
    CHECK(b.name.key == a.name.key);
    CHECK(b.kind == a.kind);
    CHECK(b.addresses == a.addresses);
    CHECK(b.primary == a.primary);
    CHECK_FALSE(b.deliver_as);
    REQUIRE(b.target);
    CHECK(b.target->type + ":" + b.target->value == "NOTES:J/Org \xfe");
    CHECK(b.mail_host == "mbx1");
    CHECK((b.hidden && !b.disabled && !b.deliver_to_both));
    CHECK(b.alternate == a.alternate);
    CHECK(b.accept_from == a.accept_from);
    CHECK(b.reject_from.empty());
    CHECK(b.members == a.members);
    CHECK(b.member_addresses == a.member_addresses);
    CHECK(b.malformed_members == a.malformed_members);
    REQUIRE(read->remarks.size() == 1);
    CHECK(read->remarks[0].id == schema::RemarkId::double_dot);
    CHECK(read->remarks[0].attribute + read->remarks[0].text == "maila..b@x");
}

TEST_CASE("what is no recipient is refused") {
    for (auto const* text :
         {R"({})",
          R"({"name":"cn=a"})",
          R"({"name":["a"]})",
          R"({"name":["a","a"],"kind":7})",
          R"({"name":["a","a"],"addresses":[["x"]]})",
          R"({"name":["a","a"],"addresses":[["x","no domain"]]})",
          R"({"name":["a","a"],"addresses":"x@y"})",
          R"({"name":["a","a"],"accept_from":[{}]})",
          R"({"name":["a","a"],"remarks":[["x","y","z"]]})"}) {
        INFO(text);
        CHECK_FALSE(read_recipient(json::parse(text).as_object()).has_value());
    }
}
