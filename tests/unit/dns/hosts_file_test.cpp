#include "dns/hosts_file.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "dns/records.hpp"

namespace splitmx::dns {

using namespace mail;

TEST_CASE("Hosts file: one that cannot be read is an error that names it") {
    for (char const* path : {"/nonexistent/hosts", "/"}) {
        auto const table = read_hosts_file(path);
        REQUIRE_FALSE(table.has_value());
        CHECK(table.error().what.find(path) != std::string::npos);
    }
}

TEST_CASE("DNS records: the octets of an MX") {
    using namespace std::string_literals;
    struct Row {
        char const* name;
        std::string rdata;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"a host", "\0\x0a\2mx\7example\0"s, "10 mx.example"},
        Row{"a large preference", "\xff\xff\1a\0"s, "65535 a"},
        Row{"the root", "\0\0\0"s, "0 "},
        Row{"too short", "\0\x0a"s, "-"},
        Row{"no end", "\0\x0a\2mx"s, "-"},
        Row{"a label beyond the end", "\0\x0a\x09mx\0"s, "-"},
        Row{"octets behind the end", "\0\x0a\2mx\0x"s, "-"},
        Row{"a compressed name", "\0\x0a\xc0\x0c"s, "-"},
        Row{"a dot inside a label", "\0\x0a\3a.b\0"s, "-"}
    );
    INFO(row.name);
    auto const mx = mx_of(row.rdata);
    CHECK((mx ? std::to_string(mx->preference) + " " + mx->host : "-") == row.expected);
}

TEST_CASE("DNS records: an address has 4 or 16 octets") {
    CHECK(address_of(std::string(4, '\1'))->to_text() == "1.1.1.1");
    CHECK(address_of(std::string(16, '\0'))->to_text() == "::");
    CHECK_FALSE(address_of(std::string(5, '\0')));
    CHECK_FALSE(address_of(""));
}

}  // namespace splitmx::dns
