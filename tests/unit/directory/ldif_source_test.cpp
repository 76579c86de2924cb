#include "directory/ldif_source.hpp"

#include "schema/custom_profile.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace splitmx;
namespace fs = std::filesystem;

class LdifFile {
public:
    explicit LdifFile(std::string const& text) {
        std::string pattern = (fs::temp_directory_path() / "splitmx-ldif-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        std::ofstream(path(), std::ios::binary) << text;
    }
    LdifFile(LdifFile const&) = delete;
    LdifFile& operator=(LdifFile const&) = delete;
    ~LdifFile() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    fs::path path() const { return folder_ / "people.ldif"; }

private:
    fs::path folder_;
};

mail::Mailbox mailbox(std::string const& text) { return mail::Mailbox::parse(text).value(); }

resolver::EntryName name(std::string const& text) {
    auto const dn = ldap::Dn::parse(text).value();
    return {dn.text(), dn.key()};
}

schema::Profile const& laser() { return *schema::find_profile("laser"); }

std::shared_ptr<directory::LdifDirectory const> load(std::string const& text) {
    LdifFile const file(text);
    auto loaded = directory::LdifDirectory::load(file.path(), laser());
    INFO((loaded.has_value() ? std::string() : loaded.error().what));
    REQUIRE(loaded.has_value());
    return *loaded;
}

std::string mailbox_entry(std::string const& dn, std::string const& address) {
    return "dn: " + dn + "\nobjectClass: inetLocalMailRecipient\nmailLocalAddress: " + address +
           "\n\n";
}

struct Row {
    std::string name;
    std::string text;
    ldap::Errc code;
    std::string what;
};

}  // namespace

TEST_CASE("the sample directory answers by address and by name", "[directory]") {
    auto const loaded = directory::LdifDirectory::load(
        fs::path(SPLITMX_SOURCE_DIR) / "schema/sample.ldif", laser()
    );
    REQUIRE(loaded.has_value());
    auto const& people = **loaded;
    CHECK(people.counts().mailboxes == 12);
    CHECK(people.counts().custom_recipients == 12);
    CHECK(people.counts().groups == 3);
    CHECK(people.counts().others == 3);
    CHECK(people.recipients().size() == 27);
    CHECK(people.recipients().front()->name.text == "uid=anna,ou=people,dc=adatum,dc=com");
    CHECK(people.remarks().empty());

    auto const anna = people.find(mailbox("ADMINISTRATOR@Adatum.com"));
    REQUIRE(std::holds_alternative<resolver::One>(anna));
    CHECK(
        std::get<resolver::One>(anna).recipient->name.text == "uid=anna,ou=people,dc=adatum,dc=com"
    );
    auto const max = people.find(mailbox("max@contoso.com"));
    REQUIRE(std::holds_alternative<resolver::Many>(max));
    CHECK(std::get<resolver::Many>(max).names.size() == 2);
    CHECK(std::holds_alternative<resolver::None>(people.find(mailbox("zoe@contoso.com"))));
    CHECK(std::holds_alternative<resolver::None>(people.find(mailbox("*@contoso.com"))));

    auto const lee = people.find(name("CN=Lee (notes), OU=people,DC=adatum,DC=com"));
    REQUIRE(std::holds_alternative<resolver::One>(lee));
    CHECK(std::holds_alternative<resolver::None>(people.find(name("dc=adatum,dc=com"))));
}

TEST_CASE("three owners of one address are all named, in the order of the file", "[directory]") {
    auto const people = load(
        mailbox_entry("cn=a", "x@y.example") + mailbox_entry("cn=b", "X@Y.example") +
        mailbox_entry("cn=c", "\"x\"@y.example")
    );
    auto const answer = people->find(mailbox("x@y.example"));
    auto const* many = std::get_if<resolver::Many>(&answer);
    REQUIRE(many != nullptr);
    REQUIRE(many->names.size() == 3);
    CHECK(many->names[0].text == "cn=a");
    CHECK(many->names[2].text == "cn=c");
}

TEST_CASE("what is odd about single values is kept as remarks", "[directory]") {
    auto const people = load(mailbox_entry("cn=a", "x..y@z.example"));
    REQUIRE(people->remarks().size() == 1);
    CHECK(people->remarks().front().entry.text == "cn=a");
    CHECK(people->remarks().front().remarks.front().id == schema::RemarkId::double_dot);
    CHECK(std::holds_alternative<resolver::One>(people->find(name("cn=a"))));
}

TEST_CASE("an empty file is a directory without anybody", "[directory]") {
    auto const people = load("");
    CHECK(people->recipients().empty());
    CHECK(std::holds_alternative<resolver::None>(people->find(mailbox("a@b.example"))));
}

TEST_CASE("a file that is wrong is refused with its line", "[directory]") {
    auto const row = GENERATE(values<Row>({
        {"no LDIF", "hello\n", ldap::Errc::syntax, "people.ldif:1: "},
        {"broken DN",
         mailbox_entry("cn=a", "x@y.example") + mailbox_entry("nonsense", "z@y.example"),
         ldap::Errc::syntax,
         "people.ldif:5: "},
        {"the same entry twice",
         mailbox_entry("cn=a", "x@y.example") + mailbox_entry("CN=A", "z@y.example"),
         ldap::Errc::duplicate_entry,
         "people.ldif:5: "},
        {"a change record",
         "dn: cn=a\nchangetype: delete\n",
         ldap::Errc::unsupported,
         "people.ldif:2: "},
    }));
    INFO(row.name);
    LdifFile const file(row.text);
    auto const loaded = directory::LdifDirectory::load(file.path(), laser());
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == row.code);
    CHECK_THAT(loaded.error().what, Catch::Contains(row.what));
}

TEST_CASE("a file that is not there is an error of its own", "[directory]") {
    auto const loaded = directory::LdifDirectory::load("/nonexistent/people.ldif", laser());
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == ldap::Errc::file);
    CHECK_THAT(loaded.error().what, Catch::Contains("/nonexistent/people.ldif"));
}

TEST_CASE("the filter of a profile holds for a file too", "[directory]") {
    std::string const text =
        "dn: cn=in\nobjectClass: x\nmail: in@y.example\n\n"
        "dn: cn=out\nobjectClass: x\nmail: out@y.example\nstatus: left\n";
    LdifFile const file(text);
    std::vector<schema::KeyAndValue> map = {{"addresses", "mail"}, {"filter", "(!(status=left))"}};
    auto const loaded =
        directory::LdifDirectory::load(file.path(), schema::make_custom(map).value());
    REQUIRE(loaded.has_value());
    CHECK((*loaded)->counts().others == 1);
    CHECK(std::holds_alternative<resolver::One>((*loaded)->find(mailbox("in@y.example"))));
    CHECK(std::holds_alternative<resolver::None>((*loaded)->find(mailbox("out@y.example"))));

    map.back().second = "(whenChanged>=20260101000000Z)";
    auto const refused =
        directory::LdifDirectory::load(file.path(), schema::make_custom(map).value());
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ldap::Errc::unsupported);
}

TEST_CASE("ldif: a group that is in the file in part is not known") {
    LdifFile const file(
        "dn: cn=all,o=adatum\nobjectClass: splitmxGroup\nsplitmxAddress: all@adatum.com\n"
        "member;range=0-1: uid=a,o=adatum\nmember;range=0-1: uid=b,o=adatum\n"
    );
    auto const directory =
        directory::LdifDirectory::load(file.path(), *schema::find_profile("splitmx"));
    REQUIRE(directory.has_value());
    auto const answer = (*directory)->find(mailbox("all@adatum.com"));
    CHECK(std::holds_alternative<resolver::Unavailable>(answer));
}
