#include "directory/copy/record.hpp"

#include <cstring>
#include <memory>

#include "people.hpp"

namespace splitmx::directory::copy {

namespace {

// A record with its head, as the index makes one.
class Made {
public:
    explicit Made(std::string const& octets) : memory_(sizeof(Record) + octets.size()) {
        auto* record =
            new (memory_.data()) Record{{}, static_cast<std::uint32_t>(octets.size()), 0};
        std::memcpy(record + 1, octets.data(), octets.size());
    }
    Record const& record() const { return *reinterpret_cast<Record const*>(memory_.data()); }

private:
    std::vector<char> memory_;
};

resolver::Recipient everything() {
    resolver::Recipient recipient = person("zoe", {"Zoe@example.com", "zoe@example.org"});
    recipient.kind = resolver::RecipientKind::group;
    recipient.x500_addresses = {
        mail::X500Address::parse("/o=X/ou=First/cn=Recipients/cn=Zoe").value(),
        mail::X500Address::parse("/cn=J\xC3\x96RG").value()};
    recipient.use = resolver::MailboxUse::room;
    recipient.foreign_addresses = {{"SIP", 2}, {"X400", 300}};
    recipient.primary = mailbox("Zoe@example.com");
    recipient.deliver_as = mailbox("z0e@store.example");
    recipient.target = resolver::TargetAddress{"SMTP", "zoe@notes.example"};
    recipient.mail_host = "mbx1.example.com:26";
    recipient.disabled = recipient.hidden = recipient.deliver_to_both = true;
    recipient.alternate = entry_name("CN=Ann,OU=People,DC=Example,DC=com");
    recipient.accept_from = {mailbox("boss@example.com"), entry_name("cn=all,dc=example,dc=com")};
    recipient.reject_from = {entry_name("cn=x\\,y,dc=example,dc=com")};
    recipient.members = {entry_name("uid=a,dc=example,dc=com"), entry_name("uid=b")};
    recipient.member_addresses = {mailbox("\"a b\"@[192.0.2.1]")};
    recipient.malformed_members = {"", "nonsense"};
    return recipient;
}

std::vector<schema::MappingRemark> two_remarks() {
    return {
        {schema::RemarkId::double_dot, "mail", "a..b@x"},
        {schema::RemarkId::malformed_switch, "splitmxHidden", ""}};
}

void check_equal(resolver::Recipient const& a, resolver::Recipient const& b) {
    CHECK(a.name.text == b.name.text);
    CHECK(a.name.key == b.name.key);
    CHECK(a.kind == b.kind);
    REQUIRE(a.addresses.size() == b.addresses.size());
    for (std::size_t i = 0; i < a.addresses.size(); ++i) {
        CHECK(a.addresses[i].to_wire() == b.addresses[i].to_wire());
    }
    CHECK(a.use == b.use);
    REQUIRE(a.foreign_addresses.size() == b.foreign_addresses.size());
    for (std::size_t i = 0; i < a.foreign_addresses.size(); ++i) {
        CHECK(a.foreign_addresses[i].type == b.foreign_addresses[i].type);
        CHECK(a.foreign_addresses[i].count == b.foreign_addresses[i].count);
    }
    REQUIRE(a.x500_addresses.size() == b.x500_addresses.size());
    for (std::size_t i = 0; i < a.x500_addresses.size(); ++i) {
        CHECK(a.x500_addresses[i].text() == b.x500_addresses[i].text());
    }
    CHECK((a.primary ? a.primary->to_wire() : "") == (b.primary ? b.primary->to_wire() : ""));
    CHECK(
        (a.deliver_as ? a.deliver_as->to_wire() : "") ==
        (b.deliver_as ? b.deliver_as->to_wire() : "")
    );
    REQUIRE(a.target.has_value() == b.target.has_value());
    if (a.target) CHECK(a.target->type + a.target->value == b.target->type + b.target->value);
    CHECK(a.mail_host == b.mail_host);
    CHECK(a.disabled == b.disabled);
    CHECK(a.hidden == b.hidden);
    CHECK(a.deliver_to_both == b.deliver_to_both);
    CHECK(a.alternate == b.alternate);
    CHECK(a.accept_from == b.accept_from);
    CHECK(a.reject_from == b.reject_from);
    CHECK(a.members == b.members);
    CHECK(a.member_addresses == b.member_addresses);
    CHECK(a.malformed_members == b.malformed_members);
}

}  // namespace

TEST_CASE("a record is found by its X500 addresses in any case") {
    Codec codec;
    Made const made(codec.encode(everything()));
    auto const has = [&](char const* text) {
        auto const address = mail::X500Address::parse(text).value();
        return codec.has_address(made.record(), X500Key(address));
    };
    CHECK(has("/O=x/OU=FIRST/cn=recipients/CN=zoe"));
    CHECK(has("/cn=j\xC3\xB6rg"));
    CHECK_FALSE(has("/o=X/ou=First/cn=Recipients"));
    CHECK_FALSE(has("/o=X/ou=First/cn=Recipients/cn=Zoe/cn=more"));
    std::vector<std::uint64_t> hashes;
    codec.address_hashes(made.record(), hashes);
    CHECK(hashes.size() == 4);  // two of either kind

    auto only_x500 = everything();
    only_x500.addresses.clear();
    Made const stripped(codec.encode(only_x500));
    CHECK(codec.has_addresses(made.record()));
    CHECK_FALSE(codec.has_addresses(stripped.record()));
}

TEST_CASE("what is odd about an entry stays with its record") {
    Codec codec;
    for (auto const& recipient : {everything(), person("a", {"a@x.example"})}) {
        auto const octets = codec.encode(recipient, two_remarks());
        CHECK(octets != codec.encode(recipient));
        Made const made(octets);
        check_equal(codec.decode(made.record()), recipient);
        auto const remarks = codec.remarks(made.record());
        REQUIRE(remarks.size() == 2);
        CHECK(remarks[0].id == schema::RemarkId::double_dot);
        CHECK(remarks[0].attribute + remarks[0].text == "maila..b@x");
        CHECK(remarks[1].attribute == "splitmxHidden");
        Made const plain(codec.encode(recipient));
        CHECK(codec.remarks(plain.record()).empty());
    }
}

TEST_CASE("a recipient comes back as it went in") {
    Codec codec;
    std::vector<resolver::Recipient> all{everything(), person("ann", {"ann@example.com"}, "mbx1")};
    all.push_back(person("nobody", {}));
    all.push_back(
        person("odd", {"\"a@b\"@example.com", "\"..\"@example.com", "jörg@bücher.example"})
    );
    all.back().name = {"UID=Odd , DC=com", "uid=odd,dc=com"};  // the key is not the text's
    all.back().target = resolver::TargetAddress{"NOTES", "Zoe/Org"};
    all.push_back(person("target", {"t@example.com"}));
    all.back().kind = resolver::RecipientKind::custom_recipient;
    all.back().target = resolver::TargetAddress{"SMTP", "not an address"};
    all.back().name = {"", ""};
    for (auto const& recipient : all) {
        Made const made(codec.encode(recipient));
        check_equal(codec.decode(made.record()), recipient);
        CHECK(codec.has_name(made.record(), recipient.name.key));
        CHECK_FALSE(codec.has_name(made.record(), recipient.name.key + "x"));
        CHECK(codec.name(made.record()).text == recipient.name.text);
        for (auto const& address : recipient.addresses) {
            CHECK(codec.has_address(made.record(), AddressKey(address)));
        }
        auto const other = mailbox("other@example.com");
        CHECK_FALSE(codec.has_address(made.record(), AddressKey(other)));
        // Equal recipients, equal octets.
        CHECK(codec.encode(codec.decode(made.record())) == made.record().octets());
    }
}

TEST_CASE("case and quoting make no other address") {
    Codec codec;
    Made const made(codec.encode(person("zoe", {"Zoe.X@example.com", "JÖRG@bücher.example"})));
    std::vector<std::uint64_t> hashes;
    codec.address_hashes(made.record(), hashes);
    REQUIRE(hashes.size() == 2);
    for (auto const* spelling :
         {"zoe.x@EXAMPLE.com", "\"Zoe.X\"@example.com", "ZOE.X@example.com"}) {
        auto const asked = mailbox(spelling);
        AddressKey const key(asked);
        CHECK(key.hash() == hashes[0]);
        CHECK(codec.has_address(made.record(), key));
    }
    auto const joerg = mailbox("jörg@xn--bcher-kva.example");
    AddressKey const unicode(joerg);
    CHECK(unicode.hash() == hashes[1]);
    CHECK(codec.has_address(made.record(), unicode));
}

TEST_CASE("octets that are cut off are never read beyond") {
    Codec codec;
    auto const octets = codec.encode(everything());
    for (std::size_t size = 1; size < octets.size(); ++size) {
        Made const made(octets.substr(0, size));
        auto const recipient = codec.decode(made.record());
        CHECK(recipient.addresses.size() <= 2);
        auto const other = mailbox("other@example.com");
        CHECK_FALSE(codec.has_address(made.record(), AddressKey(other)));
    }
}

}  // namespace splitmx::directory::copy
