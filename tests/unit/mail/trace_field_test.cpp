#include "mail/trace_field.hpp"

#include "mail/header_scan.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace splitmx::mail;

namespace {

Instant const now{std::chrono::seconds(1795252364)};

TraceInput input(std::string helo) {
    return {
        std::move(helo),
        *IpAddress::parse("192.0.2.10"),
        "relay.adatum.com",
        {},
        "8FQ2K7M1D4",
        std::nullopt,
        {},
        {}};
}

// One field, no line over the limit, no octet that is not printable.
void check_is_one_field(std::string const& field, std::size_t longest) {
    HeaderScan scan;
    scan.feed(field);
    scan.feed("\r\n");
    CHECK(scan.received_count() == 1);
    CHECK(scan.section() == field);
    CHECK(std::count(field.begin(), field.end(), ';') == 1);
    std::size_t start = 0;
    while (start < field.size()) {
        auto const end = field.find("\r\n", start);
        REQUIRE(end != std::string::npos);
        CHECK(end - start <= longest);
        auto const line = std::string_view(field).substr(start, end - start);
        CHECK(std::all_of(line.begin(), line.end(), [](char c) {
            return c == '\t' || (c >= ' ' && c <= '~');
        }));
        start = end + 2;
    }
}

}  // namespace

TEST_CASE("trace field: an ordinary one") {
    auto values = input("mx.Example.net");
    values.recipient = *Mailbox::parse("carl@contoso.com");
    CHECK(
        trace_field(values, now) ==
        "Received: from mx.example.net ([192.0.2.10])\r\n"
        "\tby relay.adatum.com with ESMTP id 8FQ2K7M1D4\r\n"
        "\tfor <carl@contoso.com>; Sat, 21 Nov 2026 09:12:44 +0000\r\n"
    );
}

TEST_CASE("trace field: how safe it was") {
    struct Row {
        TraceProtocol protocol;
        char const* tls;
        char const* with;
    };
    auto const row = GENERATE(
        Row{{false, false, false}, "", "with SMTP id "},
        Row{{true, false, false}, "", "with ESMTP id "},
        Row{{true, true, false},
            "TLSv1.3 TLS_AES_128_GCM_SHA256",
            "with ESMTPS (TLSv1.3 TLS_AES_128_GCM_SHA256)"},
        Row{{true, true, true}, "", "with ESMTPSA id "},
        Row{{true, false, true}, "", "with ESMTPA id "}
    );
    auto values = input("mx.example.net");
    values.protocol = row.protocol;
    values.tls = row.tls;
    auto field = trace_field(values, now);
    check_is_one_field(field, 78);
    for (auto at = field.find("\r\n\t"); at != std::string::npos; at = field.find("\r\n\t")) {
        field.replace(at, 3, " ");
    }
    CHECK(field.find(row.with) != std::string::npos);
}

TEST_CASE("trace field: a comment behind our name, folded like the rest") {
    auto values = input("mx.example.net");
    values.comment = "(pass";
    for (int i = 0; i < 200; ++i) values.comment += " 7RTQ2M5K";
    values.comment += ")";
    auto const field = trace_field(values, now);
    CHECK(field.find("\tby relay.adatum.com (pass 7RTQ2M5K ") != std::string::npos);
    CHECK(field.find("7RTQ2M5K) with ESMTP id 8FQ2K7M1D4;") != std::string::npos);
    check_is_one_field(field, 78);
}

TEST_CASE("trace field: what stands behind `from`") {
    struct Row {
        std::string helo;
        std::string from;
    };
    auto const row = GENERATE(
        Row{"", "from [192.0.2.10]"},
        Row{"[192.0.2.99]", "from [192.0.2.99] ([192.0.2.10])"},
        Row{"[IPv6:2001:db8::1]", "from [IPv6:2001:db8::1] ([192.0.2.10])"},
        Row{"my pc", "from [192.0.2.10] (HELO my pc)"},
        Row{"a) by evil (b", "from [192.0.2.10] (HELO a\\) by evil \\(b)"},
        Row{"a\\", "from [192.0.2.10] (HELO a\\\\)"},
        Row{"a\r\nX: y", "from [192.0.2.10] (HELO a??X: y)"},
        Row{"b\xC3\xBC.example", "from [192.0.2.10] (HELO b??.example)"}
    );
    INFO(row.helo);
    auto const field = trace_field(input(row.helo), now);
    CHECK(field.substr(0, field.find("\r\n")) == "Received: " + row.from);
    check_is_one_field(field, 78);
}

TEST_CASE("trace field: without a single recipient, and in plain SMTP") {
    auto values = input("a.example");
    values.protocol = {false, false, false};
    CHECK(
        trace_field(values, now) ==
        "Received: from a.example ([192.0.2.10])\r\n"
        "\tby relay.adatum.com with SMTP id 8FQ2K7M1D4;\r\n"
        "\tSat, 21 Nov 2026 09:12:44 +0000\r\n"
    );
    values.recipient = *Mailbox::parse("\xC3\xA4@contoso.com");
    CHECK(trace_field(values, now).find("for") == std::string::npos);
}

TEST_CASE("trace field: long values are folded, and stay one field") {
    std::string name;
    for (int i = 0; i < 4; ++i) name += std::string(60, 'a') + ".";
    auto values = input(name + "example");
    values.hostname = name + "com";
    values.recipient = *Mailbox::parse("\"" + std::string(60, ' ') + "\"@" + name + "org");
    check_is_one_field(trace_field(values, now), 400);
    check_is_one_field(trace_field(input(std::string(5000, '(')), now), 998);
    check_is_one_field(trace_field(input(std::string(5000, '\n') + ";"), now), 998);
}

TEST_CASE("trace field: the protocol that was spoken") {
    auto spoken = input("client.example");
    spoken.protocol.utf8 = true;
    CHECK(trace_field(spoken, now).find(" with UTF8SMTP id ") != std::string::npos);
    spoken.protocol.tls = spoken.protocol.authenticated = true;
    CHECK(trace_field(spoken, now).find(" with UTF8SMTPSA id ") != std::string::npos);
}
