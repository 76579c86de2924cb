// Entries as an attacker or a broken importer would write them: whatever they hold, mapping ends,
// does not throw, and gives only addresses that our own parser takes.
#include "ldap/ldif.hpp"
#include "schema/profile.hpp"
#include "schema/recipient_mapping.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace splitmx;

ldap::Entry entry(std::string const& object_class) {
    ldap::Entry made(ldap::Dn::parse("cn=x,o=x").value());
    made.add("objectClass", object_class);
    return made;
}

struct Value {
    std::string name;
    std::string value;
};

std::vector<Value> hostile_values() {
    using namespace std::string_literals;
    return {
        {"empty", ""},
        {"blank", " "},
        {"only NUL", "\0"s},
        {"NUL inside", "a\0b@example.com"s},
        {"NUL in the domain", "a@example.com\0.evil.example"s},
        {"NUL in a U-label", "a@b\xC3\xBC\0cher.example"s},
        {"line end", "a@example.com\r\nRCPT TO:<b@example.com>"},
        {"DEL", "a\x7f@example.com"},
        {"filter characters", "*()\\@example.com"},
        {"invalid UTF-8", "\xff\xfe@example.com"},
        {"overlong UTF-8", "\xc0\xaf@example.com"},
        {"invalid UTF-8 in the domain", "a@\xff\xfe.example"},
        {"unclosed quote", "\"a@example.com"},
        {"only a quote", "\""},
        {"quote and at", "\"@"},
        {"backslash at the end", "\"a\\"},
        {"many ats", std::string(1000, '@')},
        {"many dots", std::string(1000, '.') + "@example.com"},
        {"many colons", std::string(1000, ':')},
        {"type without value", "smtp:"},
        {"type in type", "smtp:smtp:a@example.com"},
        {"dollar without value", "smtp$"},
        {"long local part", std::string(65, 'a') + "@example.com"},
        {"long domain", "a@" + std::string(300, 'a') + ".example"},
        {"a megabyte", std::string(1 << 20, 'a')},
        {"a megabyte of high octets", std::string(1 << 20, '\xc3')},
        {"a megabyte of RDNs", std::string(1 << 20, ',')},
        {"format string", "%s%n{}{0}@example.com"},
        {"unclosed literal", "a@[192.0.2.1"},
        {"literal of nothing", "a@[]"},
    };
}

std::vector<std::string> all_attributes() {
    return {
        "splitmxAddress",
        "splitmxPrimaryAddress",
        "splitmxTargetAddress",
        "splitmxMailHost",
        "splitmxDisabled",
        "splitmxHidden",
        "splitmxAlternateRecipient",
        "splitmxDeliverToBoth",
        "splitmxAcceptFrom",
        "splitmxRejectFrom",
        "member",
        "splitmxMemberAddress",
        "mailLocalAddress",
        "mailRoutingAddress",
        "mailHost",
        "mail",
        "proxyAddresses",
        "targetAddress",
        "userAccountControl",
        "msExchRecipientTypeDetails",
        "msExchHomeServerName",
        "msExchHideFromAddressLists",
        "altRecipient",
        "deliverAndRedirect",
        "authOrig",
        "unauthOrig",
        "dLMemSubmitPerms",
        "dLMemRejectPerms"};
}

bool has_control_character(std::string const& text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        auto const octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

void check_sane(schema::Mapping const& mapping) {
    CHECK(mapping.remarks.size() <= schema::max_remarks);
    for (auto const& remark : mapping.remarks) {
        CHECK_FALSE(has_control_character(remark.text));
        CHECK(remark.text.size() <= 500);
    }
    auto const* recipient = mapping.recipient();
    if (recipient == nullptr) return;
    for (auto const& address : recipient->addresses) {
        auto const again = mail::Mailbox::parse(address.to_wire());
        CHECK((again.has_value() && *again == address));
    }
}

}  // namespace

TEST_CASE("a hostile value in every attribute of every kind does no harm", "[schema]") {
    auto const& row = GENERATE(from_range(hostile_values()));
    INFO(row.name);
    for (auto const& profile_name : schema::profile_names()) {
        if (profile_name == "custom") continue;
        auto const* profile = schema::find_profile(profile_name);
        REQUIRE(profile != nullptr);
        for (auto const* object_class :
             {"splitmxMailbox",
              "splitmxCustomRecipient",
              "splitmxGroup",
              "inetLocalMailRecipient",
              "groupOfNames",
              "user",
              "contact",
              "group"}) {
            auto one = entry(object_class);
            for (auto const& attribute : all_attributes()) one.add(attribute, row.value);
            check_sane(schema::map(*profile, one));
        }
    }
}

TEST_CASE("hostile values name nobody", "[schema]") {
    auto const& row = GENERATE(from_range(hostile_values()));
    INFO(row.name);
    auto one = entry("splitmxMailbox");
    one.add("splitmxAddress", row.value);
    one.add("splitmxAddress", "good@example.com");
    auto const mapping = schema::map(*schema::find_profile("splitmx"), one);
    REQUIRE(mapping.recipient() != nullptr);
    // "%s..." is made of characters that are legal in a local part.
    bool const legal = row.name == "format string";
    CHECK(mapping.recipient()->addresses.size() == (legal ? 2U : 1U));
    CHECK(mapping.remarks.size() == (legal ? 0U : 1U));
}

TEST_CASE("twenty thousand values of each kind are mapped, and each once", "[schema]") {
    auto one = entry("splitmxGroup");
    constexpr int many = 20000;
    std::vector<std::string> addresses;
    std::vector<std::string> members;
    std::vector<std::string> broken;
    for (int i = 0; i < many; ++i) {
        auto const number = std::to_string(i);
        addresses.push_back("a" + number + "@example.com");
        addresses.push_back("A" + number + "@EXAMPLE.com");
        members.push_back("cn=m" + number + ",o=x");
        members.push_back("CN=M" + number + ", O=X");
        broken.push_back("broken " + number);
    }
    one.add("splitmxAddress", addresses);
    one.add("splitmxAddress", broken);
    one.add("member", members);
    one.add("member", broken);
    auto const mapping = schema::map(*schema::find_profile("splitmx"), one);
    REQUIRE(mapping.recipient() != nullptr);
    CHECK(mapping.recipient()->addresses.size() == many);
    CHECK(mapping.recipient()->members.size() == many);
    CHECK(mapping.recipient()->malformed_members.size() == many);
    CHECK(mapping.remarks.size() == schema::max_remarks);
}

TEST_CASE("an entry without attributes and without a name is nobody", "[schema]") {
    for (auto const& name : schema::profile_names()) {
        if (name == "custom") continue;
        auto const mapping = schema::map(*schema::find_profile(name), ldap::Entry{});
        CHECK(mapping.recipient() == nullptr);
        CHECK_FALSE(std::get<schema::NotARecipient>(mapping.outcome).why.empty());
    }
}

TEST_CASE("names of attributes and classes compare without regard to case", "[schema]") {
    auto one = entry("INETLOCALMAILRECIPIENT");
    one.add("MAILLOCALADDRESS", "Anna@Example.COM");
    one.add("mAiLhOsT", "MBX1");
    auto const mapping = schema::map(*schema::find_profile("laser"), one);
    REQUIRE(mapping.recipient() != nullptr);
    REQUIRE(mapping.recipient()->addresses.size() == 1);
    CHECK(mapping.recipient()->addresses.front().key() == "anna@example.com");
    CHECK(mapping.recipient()->mail_host == "MBX1");
}

TEST_CASE("long and broken values are shortened to readable text", "[schema]") {
    using namespace std::string_literals;
    struct Row {
        std::string name;
        std::string value;
        std::string text;
    };
    auto const row = GENERATE(values<Row>({
        {"octets that are no UTF-8", "\xff@x", "\\xFF@x"},
        {"NUL", "a\0b@x"s, "a\\x00b@x"},
        {"101 octets", std::string(101, 'b'), std::string(100, 'b') + "... (101 octets)"},
        {"not within a character",
         std::string(99, 'b') + "\xc3\xbc",
         std::string(99, 'b') + "... (101 octets)"},
    }));
    INFO(row.name);
    auto one = entry("splitmxMailbox");
    one.add("splitmxAddress", row.value);
    auto const mapping = schema::map(*schema::find_profile("splitmx"), one);
    REQUIRE(mapping.remarks.size() == 1);
    CHECK(mapping.remarks.front().text == row.text);
}
