#include "smtp/proxy_header.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::smtp {

namespace {

using namespace std::string_literals;

std::string const signature = "\r\n\r\n\0\r\nQUIT\n"s;
std::string const v4_ends = "\xC0\x00\x02\x0A\x0A\x00\x00\x01\xDC\x04\x00\x19"s;

std::string octets_of(std::size_t size) { return std::string(size, '\x05'); }

// Version, command and family, then the length that the content has, unless another one is claimed.
std::string version_2(char command, char family, std::string const& content, int claimed = -1) {
    auto const size = claimed < 0 ? content.size() : static_cast<std::size_t>(claimed);
    std::string header = signature;
    header += command;
    header += family;
    header += static_cast<char>(size >> 8U);
    header += static_cast<char>(size & 0xFFU);
    return header + content;
}

// "more", the fault, "itself", or "CLIENT:PORT at LOCAL:PORT"; read as a shell does, so that nothing
// behind the header is ever asked for.
std::string told(std::string_view sent) {
    std::string known;
    for (;;) {
        auto const reading = read_proxy_header(known);
        if (auto const* fault = std::get_if<ProxyFault>(&reading)) return std::string(fault->what);
        if (auto const* header = std::get_if<ProxyHeader>(&reading)) {
            CHECK(header->size == known.size());
            if (!header->ends) return "itself";
            auto const& [client, local] = *header->ends;
            return client.address.to_text() + ":" + std::to_string(client.port) + " at " +
                   local.address.to_text() + ":" + std::to_string(local.port);
        }
        auto const wanted = std::get<ProxyMore>(reading).octets;
        REQUIRE(wanted > 0);
        if (known.size() == sent.size()) return "more";
        known += sent.substr(known.size(), wanted);
    }
}

std::string const malformed = "begins with a PROXY line that is malformed";
std::string const none = "does not begin with a PROXY header";
std::string const too_short = "begins with a PROXY header that is too short for its addresses";
std::string const no_tcp = "begins with a PROXY header for what is no TCP connection";
std::string const bad_command = "begins with a PROXY header of an unknown version or command";
std::string const too_long = "begins with a PROXY header of more than 4096 octets";
std::string const long_line = "begins with a PROXY line of more than 107 octets";

}  // namespace

TEST_CASE("a PROXY line says for whom") {
    struct Row {
        std::string line;
        std::string expected;
    };
    auto const row = GENERATE(values<Row>({
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324 25\r\n", "192.0.2.10:56324 at 10.0.0.1:25"},
        {"PROXY TCP6 2001:db8::a 2001:db8::1 1 65535\r\n", "2001:db8::a:1 at 2001:db8::1:65535"},
        {"PROXY TCP6 ::ffff:192.0.2.10 ::1 1 25\r\n", "192.0.2.10:1 at ::1:25"},
        {"PROXY UNKNOWN\r\n", "itself"},
        {"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535 more\r\n", "itself"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 0 65535\r\n",
         "255.255.255.255:0 at 255.255.255.255:65535"},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324\r\n", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324 25 \r\n", malformed},
        {"PROXY TCP4  192.0.2.10 10.0.0.1 56324 25\r\n", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324 25 1\r\n", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 65536 25\r\n", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 056 25\r\n", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 -1 25\r\n", malformed},
        {"PROXY TCP4 192.0.2.256 10.0.0.1 1 25\r\n", malformed},
        {"PROXY TCP4 2001:db8::a 2001:db8::1 1 25\r\n", malformed},
        {"PROXY TCP4 ::ffff:192.0.2.10 10.0.0.1 1 25\r\n", malformed},
        {"PROXY TCP6 192.0.2.10 10.0.0.1 1 25\r\n", malformed},
        {"PROXY UDP4 192.0.2.10 10.0.0.1 1 25\r\n", malformed},
        {"PROXY tcp4 192.0.2.10 10.0.0.1 1 25\r\n", malformed},
        {"PROXY     \r\nx", malformed},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324 25\n", "more"},
        {"PROXY TCP4 192.0.2.10 10.0.0.1 56324 25\r", "more"},
        {"PROXY TCP4 192.0.", "more"},
        {"PRO", "more"},
        {"", "more"},
        {"PROXY UNKNOWN " + octets_of(91) + "\r\n", "itself"},
        {"PROXY UNKNOWN " + octets_of(92) + "\r\n", long_line},
        {"PROXY UNKNOWN " + octets_of(5000), long_line},
    }));
    CAPTURE(row.line);
    CHECK(told(row.line) == row.expected);
}

TEST_CASE("a PROXY header of version 2 says for whom") {
    struct Row {
        char const* name;
        std::string header;
        std::string expected;
    };
    auto const v6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x0A" + "\x20\x01\x0d\xb8"s +
                    std::string(11, '\0') + "\x01\x00\x01\x02\x4B"s;
    auto const mapped = std::string(10, '\0') + "\xFF\xFF\xC0\x00\x02\x0A"s + std::string(15, '\0') +
                        "\x01\x00\x01\x02\x4B"s;
    auto const tlv = "\x01\x00\x02h2"s;
    auto const v4_told = "192.0.2.10:56324 at 10.0.0.1:25"s;
    auto const row = GENERATE_COPY(values<Row>({
        {"IPv4", version_2('\x21', '\x11', v4_ends), v4_told},
        {"IPv6", version_2('\x21', '\x21', v6), "2001:db8::a:1 at 2001:db8::1:587"},
        {"IPv4 that is mapped", version_2('\x21', '\x21', mapped), "192.0.2.10:1 at ::1:587"},
        {"TLVs are passed over", version_2('\x21', '\x11', v4_ends + tlv + octets_of(900)), v4_told},
        {"also broken ones", version_2('\x21', '\x11', v4_ends + "\x01\xFF\xFF"s), v4_told},
        {"LOCAL", version_2('\x20', '\x00', ""), "itself"},
        {"LOCAL with addresses", version_2('\x20', '\x11', v4_ends), "itself"},
        {"LOCAL of any family", version_2('\x20', '\x7F', octets_of(40)), "itself"},
        {"unspecified", version_2('\x21', '\x00', ""), "itself"},
        {"unspecified with TLVs", version_2('\x21', '\x00', tlv), "itself"},
        {"a Unix socket", version_2('\x21', '\x31', octets_of(216)), "itself"},
        {"a Unix socket cut short", version_2('\x21', '\x31', octets_of(215)), too_short},
        {"IPv4 cut short", version_2('\x21', '\x11', v4_ends.substr(1)), too_short},
        {"IPv6 cut short", version_2('\x21', '\x21', octets_of(35)), too_short},
        {"nothing behind it", version_2('\x21', '\x11', ""), too_short},
        {"UDP over IPv4", version_2('\x21', '\x12', v4_ends), no_tcp},
        {"UDP over IPv6", version_2('\x21', '\x22', v6), no_tcp},
        {"datagrams of a Unix socket", version_2('\x21', '\x32', octets_of(216)), no_tcp},
        {"an unknown family", version_2('\x21', '\x41', octets_of(216)), no_tcp},
        {"an unknown command", version_2('\x22', '\x11', v4_ends), bad_command},
        {"version 1 in this form", version_2('\x11', '\x11', v4_ends), bad_command},
        {"version 3", version_2('\x31', '\x11', v4_ends), bad_command},
        {"the longest", version_2('\x21', '\x11', v4_ends + octets_of(4068)), v4_told},
        {"too long", version_2('\x21', '\x11', v4_ends + octets_of(4069)), too_long},
        {"the length alone is too long", version_2('\x21', '\x11', "", 65535), too_long},
        {"LOCAL that is too long", version_2('\x20', '\x00', "", 65535), too_long},
        {"cut in the addresses", version_2('\x21', '\x11', v4_ends.substr(4), 12), "more"},
        {"cut in the length", version_2('\x21', '\x11', v4_ends).substr(0, 15), "more"},
        {"cut in the signature", signature.substr(0, 11), "more"},
        {"a wrong signature", "\r\n\r\n\0\r\nQUIT\r" + v4_ends, none},
    }));
    INFO(row.name);
    CHECK(told(row.header) == row.expected);
}

TEST_CASE("what is no PROXY header is known by its first octets") {
    auto const sent = GENERATE(
        as<std::string>{}, "EHLO client.example\r\n", "\x16\x03\x01\x02\x00", "\r\n\r\nQUIT\r\n", "P ",
        "PROXYTCP4 ", "proxy TCP4 192.0.2.10 10.0.0.1 1 25\r\n", "\n"
    );
    CAPTURE(sent);
    CHECK(told(sent) == none);
}

TEST_CASE("nothing behind a PROXY header is taken") {
    auto const rest = GENERATE(as<std::string>{}, "\x16\x03\x01", "EHLO a\r\n", "\r\n");
    CHECK(told("PROXY TCP4 192.0.2.10 10.0.0.1 1 25\r\n" + rest) == "192.0.2.10:1 at 10.0.0.1:25");
    CHECK(told("PROXY UNKNOWN\r\n" + rest) == "itself");
    CHECK(told(version_2('\x21', '\x11', v4_ends) + rest) == "192.0.2.10:56324 at 10.0.0.1:25");
    CHECK(told(version_2('\x20', '\x00', "") + rest) == "itself");
}

}  // namespace splitmx::smtp
