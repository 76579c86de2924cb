#include "ldap/ldif.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace splitmx::ldap;

namespace {

struct TempFile {
    explicit TempFile(std::string_view text)
        : path(
              std::filesystem::temp_directory_path() /
              ("splitmx-ldif-" + std::to_string(::getpid()) + ".ldif")
          ) {
        std::ofstream(path, std::ios::binary) << text;
    }
    ~TempFile() { std::filesystem::remove(path); }
    TempFile(TempFile const&) = delete;
    TempFile& operator=(TempFile const&) = delete;

    std::filesystem::path path;
};

}  // namespace

TEST_CASE("LDIF: entries") {
    auto const entries = parse_ldif(
        "# a comment\n"
        " that goes on\n"
        "version: 1\n"
        "\n"
        "\n"
        "dn: cn=Max,\n"
        " dc=example\n"
        "objectClass: person\n"
        "# inside\n"
        "mail: max@exa\n"
        " mple.com\n"
        "MAIL:max2@example.com\n"
        "cn:: TcO8bGxlcg==\n"
        "empty:\n"
        "\n"
        "# only a comment\n"
        "\n"
        "dn:: Y249bcO8,\n"
    );
    REQUIRE_FALSE(entries.has_value());  // the last one is no base64
    CHECK(entries.error().at == 18);

    auto const good = parse_ldif(
        "version: 1\ndn: cn=Max,\n dc=example\nmail: max@exa\n mple.com\nMAIL:max2@example.com\n"
        "cn:: TcO8bGxlcg==\nempty:\nbin:: AAEC\n\n\ndn:: Y249bcO8\ncn: x"
    );
    REQUIRE(good.has_value());
    REQUIRE(good->size() == 2);
    auto const& max = good->front();
    CHECK(max.dn().text() == "cn=Max,dc=example");
    REQUIRE(max.values("mail").size() == 2);
    CHECK(max.values("mail")[0] == "max@example.com");
    CHECK(max.values("mail")[1] == "max2@example.com");
    CHECK(max.first("cn") == "M\xc3\xbcller");
    CHECK(max.first("empty") == "");
    CHECK(max.first("bin") == std::string_view("\0\1\2", 3));
    CHECK(good->back().dn().text() == "cn=m\xc3\xbc");
}

TEST_CASE("LDIF: nothing in it") {
    auto const text =
        GENERATE(as<std::string>(), "", "\n\n", "# x\n", "version: 1\n", "# x\n y\n\n");
    CAPTURE(text);
    auto const entries = parse_ldif(text);
    REQUIRE(entries.has_value());
    CHECK(entries->empty());
}

TEST_CASE("LDIF: CRLF is as LF") {
    auto const entries = parse_ldif("dn: cn=a,\r\n dc=x\r\ncn: a\r\n\r\ndn: cn=b\r\ncn: b\r\n");
    REQUIRE(entries.has_value());
    REQUIRE(entries->size() == 2);
    CHECK(entries->front().dn().text() == "cn=a,dc=x");
    CHECK(entries->front().first("cn") == "a");
}

TEST_CASE("LDIF: what is refused, with its line") {
    struct Row {
        std::string name, text;
        std::size_t line;
        Errc code = Errc::syntax;
    };
    auto const row = GENERATE(
        Row{"no dn", "\ncn: x\n", 2},
        Row{"no colon", "dn: cn=a\ncn: a\nnonsense\n", 3},
        Row{"bad name", "dn: cn=a\nc n: a\n", 2},
        Row{"empty name", "dn: cn=a\n: a\n", 2},
        Row{"bad base64", "dn: cn=a\ncn:: a*b=\n", 2},
        Row{"short base64", "dn: cn=a\ncn:: YQ\n", 2},
        Row{"bad base64 after folded lines", "dn: cn=\n a\ncn: a\n  b\n# c\n d\nsn:: *\n", 7},
        Row{"bad DN", "dn: cn=a\n\n\ndn: nonsense\n", 4},
        Row{"blank line missing", "dn: cn=a\ncn: a\ndn: cn=b\n", 3},
        Row{"continuation first", " x\ndn: cn=a\n", 1},
        Row{"tab first", "\tx\n", 1},
        Row{"NUL", std::string("dn: cn=a\n\0\n", 11), 2},
        Row{"lone CR", "dn: cn=a\ncn: a\rb\n", 2},
        Row{"CR at the end", "dn: cn=a\r", 1},
        Row{"version in the middle", "dn: cn=a\n\nversion: 1\n", 3},
        Row{"version twice", "version: 1\nversion: 1\n", 2},
        Row{"other version", "version: 2\n", 1, Errc::unsupported},
        Row{"twice the same DN", "dn: cn=A\n\ndn: CN= a\n", 3, Errc::duplicate_entry},
        Row{"change record", "dn: cn=a\nchangetype: modify\n", 2, Errc::unsupported},
        Row{"control", "dn: cn=a\ncontrol: 1.2.3\n", 2, Errc::unsupported},
        Row{"URL", "dn: cn=a\ncn:< file:///etc/hostname\n", 2, Errc::unsupported},
        Row{"URL, folded", "dn: cn=a\ncn:\n < file:///etc/hostname\n", 2, Errc::unsupported},
        Row{"DN by URL", "dn:< file:///etc/hostname\n", 1, Errc::unsupported},
        Row{"include", "include: file:///etc/hostname\n", 1, Errc::unsupported},
        Row{"trailer of a search", "dn: cn=a\n\nsearch: 2\nresult: 0 Success\n", 3}
    );
    CAPTURE(row.name);
    auto const entries = parse_ldif(row.text);
    REQUIRE_FALSE(entries.has_value());
    CHECK(entries.error().code == row.code);
    CHECK(entries.error().at == row.line);
}

TEST_CASE("LDIF: an entry as text can be read again") {
    Entry entry(Dn::parse("cn=M\\C3\\BCller\\, Max,dc=example").value());
    entry.add("cn", std::string("M\xc3\xbcller"));
    entry.add("note", std::string(" begins with a blank"));
    entry.add("note", std::string(200, 'x'));
    entry.add("bin", std::string("\0\r\n", 3));
    entry.add("empty", std::string());
    auto const text = to_ldif(entry);
    CHECK(text.starts_with("dn: cn=M\\C3\\BCller\\, Max,dc=example\n"));
    CHECK(text.ends_with("\n\n"));
    auto const again = parse_ldif(text);
    REQUIRE(again.has_value());
    REQUIRE(again->size() == 1);
    auto const& copy = again->front();
    CHECK(copy.dn() == entry.dn());
    REQUIRE(copy.attributes().size() == entry.attributes().size());
    for (std::size_t i = 0; i < copy.attributes().size(); ++i) {
        CHECK(copy.attributes()[i].name == entry.attributes()[i].name);
        CHECK(copy.attributes()[i].values == entry.attributes()[i].values);
    }
}

TEST_CASE("LDIF: files") {
    TempFile const good("dn: cn=a\ncn: a\n");
    CHECK(read_ldif(good.path).value().size() == 1);

    std::ofstream(good.path) << "dn: cn=a\nnonsense\n";
    auto const bad = read_ldif(good.path);
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().what.starts_with(good.path.string() + ":2: "));

    auto const missing = read_ldif(good.path.string() + ".missing");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == Errc::file);
    CHECK(read_ldif(std::filesystem::temp_directory_path()).error().code == Errc::file);
}

TEST_CASE("LDIF: a hundred thousand entries") {
    std::string text;
    constexpr std::size_t count = 100'000;
    for (std::size_t i = 0; i < count; ++i) {
        auto const n = std::to_string(i);
        text += "dn: uid=u" + n + ",ou=people,dc=example,dc=com\nobjectClass: person\nmail: u" + n +
                "@example.com\n\n";
    }
    auto const entries = parse_ldif(text);
    REQUIRE(entries.has_value());
    CHECK(entries->size() == count);
    CHECK(entries->back().first("mail") == "u99999@example.com");
}
