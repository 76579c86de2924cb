// `splitmx resolve --at-config`, `--with-ldif` and `--diff`, without a relay.
#include "admin/address_list.hpp"
#include "admin/decision_diff.hpp"
#include "admin/progress.hpp"
#include "support/run_splitmx.hpp"
#include "support/temporary_directory.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace splitmx;
namespace json = boost::json;

namespace {

struct World {
    support::TemporaryDirectory folder;

    World() {
        auto const golden = std::filesystem::path(SPLITMX_SOURCE_DIR) /
                            "tests/golden/decisions/Q258203-shared-name-space";
        for (auto const* name : {"splitmx.toml", "people.ldif"}) {
            std::filesystem::copy_file(golden / name, folder.path() / name);
        }
    }
    std::string write(char const* name, std::string const& text) const {
        std::ofstream(folder.file(name)) << text;
        return folder.file(name);
    }
    std::string config(std::string const& find, std::string const& put) const {
        std::ifstream in(folder.file("splitmx.toml"));
        std::string text{std::istreambuf_iterator<char>(in), {}};
        auto const at = text.find(find);
        REQUIRE(at != text.npos);
        return write("other.toml", text.replace(at, find.size(), put));
    }
    test::Ran resolve(std::vector<std::string> const& more, std::string const& input = {}) const {
        std::vector<std::string> words{
            "resolve", "--offline", "--config", folder.file("splitmx.toml")};
        words.insert(words.end(), more.begin(), more.end());
        return test::run_splitmx(words, input);
    }
};

constexpr char const* wave = R"(dn: cn=Carl (Notes),ou=people,dc=adatum,dc=com
changetype: modify
delete: mailRoutingAddress
-

dn: CN=dora (notes),OU=people,dc=adatum,dc=com
changetype: delete

dn: uid=kim,ou=people,dc=adatum,dc=com
objectClass: inetLocalMailRecipient
mailLocalAddress: kim@contoso.com
)";

}  // namespace

TEST_CASE("what if: a wave of moves, each change in one line") {
    World const world;
    auto const ldif = world.write("wave.ldif", wave);
    auto const ran = world.resolve(
        {"--diff", "--with-ldif", ldif, "-", "kim@contoso.com"},
        "anna@contoso.com\n\n  carl@contoso.com \r\ndora@contoso.com\nnick@contoso.com\n"
    );
    CHECK(ran.error.empty());
    CHECK(ran.output == R"(3 of 5 decisions change, 1 would bounce:
  carl@contoso.com  notes (custom_recipient)  ->  mailboxes (mailbox)
  dora@contoso.com  notes (custom_recipient)  ->  refused 5.1.1  !! would bounce
  kim@contoso.com   refused 5.1.1             ->  mailboxes (mailbox)
)");
    CHECK(ran.code == 1);
}

TEST_CASE("what if: nothing changes") {
    World const world;
    auto const ldif = world.write("wave.ldif", wave);
    auto const ran =
        world.resolve({"--diff", "--with-ldif", ldif, "anna@contoso.com", "x@y.example"});
    CHECK(ran.output == "none of 2 decisions changes\n");
    CHECK(ran.code == 0);
    CHECK(
        world.resolve({"--diff", "--with-ldif", ldif, "x@y.example"}).output ==
        "the decision stays as it is\n"
    );
}

TEST_CASE("what if: another configuration, also where only a host has moved") {
    World const world;
    auto const file = world.config("10.0.0.10:25", "10.0.0.11:25");
    auto const ran =
        world.resolve({"--diff", "--at-config", file, "anna@contoso.com", "carl@contoso.com"});
    CHECK(ran.output.starts_with("1 of 2 decisions changes:\n  carl@contoso.com  notes at notes1.")
    );
    CHECK(ran.output.find("10.0.0.11:25 as <carl@contoso.com>\n") != std::string::npos);
    CHECK(ran.code == 1);
}

TEST_CASE("what if: without --diff, the answer as it would be, with the lines of that file") {
    World const world;
    auto const file = world.config("#contoso.com", "contoso.com");
    auto const words =
        std::vector<std::string>{"--at-config", file, "--explain", "x@sub.contoso.com"};
    auto const ran = world.resolve(words);
    CHECK(ran.code == 67);
    CHECK(ran.output.find("unknown_recipient") != std::string::npos);
    CHECK(ran.output.find("other.toml:") != std::string::npos);
    // As it is nobody may send there.
    CHECK(world.resolve({"x@sub.contoso.com"}).output.find("relay_denied") != std::string::npos);
}

TEST_CASE("what if: both decisions for scripts") {
    World const world;
    auto const ldif = world.write("wave.ldif", wave);
    auto const ran = world.resolve(
        {"--diff", "--json", "--with-ldif", ldif, "anna@contoso.com", "dora@contoso.com"}
    );
    CHECK(ran.code == 1);
    auto const change = json::parse(ran.output).as_object();
    CHECK(change.at("address") == "dora@contoso.com");
    CHECK(change.at("would_bounce") == true);
    CHECK(change.at("would_wait") == false);
    CHECK(change.at("now").at("verdict") == "deliver");
    CHECK(change.at("then").at("reason") == "unknown_recipient");
}

TEST_CASE("what if: bad input is told, and nothing printed") {
    World const world;
    struct Row {
        char const* name;
        std::string ldif;
        int code;
        char const* says;
    };
    std::vector<Row> const rows{
        {"not LDIF", "dn uid=x\n", 65, ":1"},
        {"a rename",
         "dn: uid=a,dc=x\nchangetype: modrdn\nnewrdn: uid=b\ndeleteoldrdn: 1\n",
         65,
         "modrdn"},
        {"nobody to change",
         "dn: uid=z,dc=x\nchangetype: modify\nreplace: cn\ncn: z\n-\n",
         65,
         "uid=z,dc=x: there is no such recipient"},
        {"a value that is not there",
         "dn: uid=anna,ou=people,dc=adatum,dc=com\nchangetype: modify\ndelete: mail\nmail: "
         "a@b\n-\n",
         65,
         "uid=anna"},
    };
    for (auto const& row : rows) {
        auto const ldif = world.write("bad.ldif", row.ldif);
        auto const ran = world.resolve({"--diff", "--with-ldif", ldif, "anna@contoso.com"});
        INFO(row.name << ": " << ran.error);
        CHECK(ran.code == row.code);
        CHECK(ran.error.find(row.says) != std::string::npos);
        CHECK(ran.output.empty());
    }
    CHECK(world.resolve({"--with-ldif", "/no/such.ldif", "a@b.example"}).code == 65);
    CHECK(world.resolve({"--at-config", "/no/such.toml", "a@b.example"}).code == 78);
    auto const broken = world.config("mailboxes\"", "mailboxe\"");
    CHECK(
        world.resolve({"--at-config", broken, "a@b.example"})
            .error.find("did you mean \"mailboxes\"") != std::string::npos
    );
    CHECK(world.resolve({"--diff", "a@b.example"}).code == 64);
    CHECK(world.resolve({"--diff", "--explain", "--at-config", "x", "a@b.example"}).code == 64);
}

TEST_CASE("resolve: a long list is answered in its order") {
    World const world;
    std::string list;
    std::string expected;
    for (int i = 0; i < 40'000; ++i) {
        auto const name = i % 3 == 0 ? std::string("anna") : "nobody" + std::to_string(i);
        list += name + "@contoso.com\n";
    }
    auto const ran = world.resolve({"-"}, list);
    CHECK(ran.code == 67);
    std::istringstream asked(list);
    std::istringstream lines(ran.output);
    std::string address;
    std::string line;
    std::size_t wrong = 0;
    while (std::getline(asked, address)) {
        wrong += std::getline(lines, line) && line.starts_with(address + "  ->  ") ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("resolve: colour only where it is asked for") {
    World const world;
    auto const plain = world.resolve({"zoe@contoso.com"});
    CHECK(plain.output.find('\x1b') == std::string::npos);
    auto const painted =
        world.resolve({"--color", "always", "zoe@contoso.com", "anna@contoso.com"});
    CHECK(painted.output.find("->  \x1b[31mrefused") != std::string::npos);
    CHECK(painted.output.find("->  \x1b[32mmailboxes") != std::string::npos);
    CHECK(
        world.resolve({"--color", "always", "--json", "zoe@contoso.com"}).output.find('\x1b') ==
        std::string::npos
    );
    CHECK(world.resolve({"--color", "blue", "zoe@contoso.com"}).code == 64);
}

TEST_CASE("address list: words and standard input, blanks and empty lines aside") {
    std::istringstream input("b@x.example\r\n\n\t c@x.example  \nd@x.example");
    std::vector<std::string> const words{"a@x.example", "-", "e@x.example", "-"};
    admin::AddressList list(words, input);
    std::vector<std::string> all;
    for (auto some = list.next(2); !some.empty(); some = list.next(2)) {
        CHECK(some.size() <= 2);
        all.insert(all.end(), some.begin(), some.end());
    }
    CHECK(
        all ==
        std::vector<std::string>{
            "a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"}
    );
}

TEST_CASE("a list tells how long it is before it is read") {
    std::vector<std::string> const words{"a@x.example", "-", "e@x.example"};
    std::istringstream input("b@x.example\n\n  \n c@x.example \r\nd@x.example");
    admin::AddressList list(words, input);
    CHECK(list.count() == 5);
    CHECK(list.next(10).size() == 4);  // and one when nobody types any more
    CHECK(list.next(10).size() == 1);
    std::istringstream nothing;
    CHECK(admin::AddressList(words, nothing).count() == 2);
}

TEST_CASE("numbers in groups, and a bar") {
    CHECK(admin::grouped(0) == "0");
    CHECK(admin::grouped(999) == "999");
    CHECK(admin::grouped(41'812) == "41 812");
    CHECK(admin::grouped(1'234'567) == "1 234 567");
    auto const line = [](std::size_t done, std::size_t total) {
        return admin::progress_line("addresses", done, done, total, std::chrono::milliseconds(400));
    };
    CHECK(
        line(41'812, 41'812) == " 100 % |##############################|  41 812 addresses  0.4 s"
    );
    CHECK(line(1, 2) == "  50 % |###############               |  1 addresses  0.4 s");
    CHECK(line(512, 0) == " 512 addresses  0.4 s");
    // Of a file of 1000 octets 250 are read, and 12 rows were in them.
    CHECK(
        admin::progress_line("rows", 12, 250, 1000, std::chrono::milliseconds(400)) ==
        "  25 % |#######                       |  12 rows  0.4 s"
    );
}
