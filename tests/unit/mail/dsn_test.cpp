// Reports are compared with tests/golden/ndr/NAME.eml, one for each reason and form.
// ACCEPT=1 writes the files anew; read the difference before committing it.
#include "mail/dsn.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

using namespace splitmx::mail;

namespace {

Instant const arrival{std::chrono::seconds(1795252364)};  // Sat, 21 Nov 2026 09:12:44

DsnInput report(DsnAction action, std::vector<DsnRecipient> recipients) {
    return {
        action,
        "relay.adatum.com",
        *Mailbox::parse("postmaster@adatum.com"),
        *Mailbox::parse("bob@example.net"),
        arrival,
        arrival + std::chrono::hours(4),
        "8FQ2K7M1D5@relay.adatum.com",
        "8FQ2K7M1D5-report",
        std::move(recipients),
        "<1234@mx.example.net>",
        "Received: from pc ([192.0.2.9])\r\n\tby mx.example.net; Sat, 21 Nov 2026 09:12:40 "
        "+0000\r\n"
        "From: Bob <bob@example.net>\r\nTo: zoe@contoso.com\r\nSubject: Lunch\r\n"
        "Message-ID: <1234@mx.example.net>\r\n"};
}

DsnRecipient refused_for(Reason reason, std::string typed = "Zoe@Contoso.com") {
    return {typed, typed, status_of(reason), reason, "", "", std::nullopt};
}

DsnRecipient refused_by_host() {
    return {
        "carl@contoso.com",
        "carl@notes.contoso.com",
        Status(550, {1, 1}, "carl... User unknown"),
        std::nullopt,
        "notes1.adatum.com",
        "550-5.1.1 carl... User unknown\n550 5.1.1 see http://notes.example/help",
        std::nullopt};
}

DsnRecipient delayed(std::optional<Reason> reason, std::string host, std::string diagnostic) {
    return {
        "carl@contoso.com",
        "carl@contoso.com",
        Status(451, {4, 1}, ""),
        reason,
        std::move(host),
        std::move(diagnostic),
        arrival + std::chrono::hours(120)};
}

std::string read(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The first line that differs, for the message of a failed test.
std::string first_difference(std::string const& expected, std::string const& actual) {
    std::istringstream old_lines(expected);
    std::istringstream new_lines(actual);
    std::string old_line;
    std::string new_line;
    for (int number = 1;; ++number) {
        bool const has_old = !!std::getline(old_lines, old_line);
        bool const has_new = !!std::getline(new_lines, new_line);
        if (!has_old && !has_new) return "none";
        if (has_old != has_new || old_line != new_line) {
            return "line " + std::to_string(number) + "\n- " + (has_old ? old_line : "(end)") +
                   "\n+ " + (has_new ? new_line : "(end)");
        }
    }
}

// 7-bit unless the sender's address is not, CRLF throughout, no line over 998 octets (RFC 5322
// 2.1.1).
void check_form(std::string const& message, bool utf8 = false) {
    std::size_t start = 0;
    while (start < message.size()) {
        auto const end = message.find('\n', start);
        REQUIRE(end != std::string::npos);
        REQUIRE(end > start);
        REQUIRE(message[end - 1] == '\r');
        REQUIRE(end - 1 - start <= 998);
        for (auto i = start; i < end - 1; ++i) {
            auto const octet = static_cast<unsigned char>(message[i]);
            bool const is_ascii = octet == '\t' || (octet >= ' ' && octet <= '~');
            REQUIRE((is_ascii || (utf8 && octet >= 0x80)));
        }
        start = end + 1;
    }
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

void check_golden(std::string const& name, DsnInput const& input) {
    INFO(name);
    auto const path = std::string(SPLITMX_SOURCE_DIR) + "/tests/golden/ndr/" + name + ".eml";
    auto const message = build_dsn(input);
    check_form(message, needs_smtputf8(input.to));
    if (std::getenv("ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << message;
    auto const expected = read(path);
    INFO("first difference: " << first_difference(expected, message));
    CHECK((message == expected));
}

}  // namespace

TEST_CASE("report: one for each reason of ours") {
    for (auto const& entry : all_reasons()) {
        if (entry.code == 250) continue;
        auto const typed =
            entry.reason == Reason::bad_address ? "zoe@contoso..com" : "Zoe@Contoso.com";
        check_golden(
            std::string(entry.id), report(DsnAction::failed, {refused_for(entry.reason, typed)})
        );
    }
}

TEST_CASE("report: one member of a group") {
    auto named = refused_for(Reason::disabled, "team@adatum.com");
    named.final_recipient = "bert@adatum.com";
    named.is_one_of_several = true;
    auto entry = refused_for(Reason::unknown_recipient, "team@adatum.com");
    entry.final_recipient = "uid=gone,ou=people,o=adatum";
    entry.is_one_of_several = true;
    auto refused = refused_by_host();
    refused.original = "team@adatum.com";
    refused.is_one_of_several = true;
    check_golden("members-named", report(DsnAction::failed, {named, entry, refused}));
    auto hidden = refused_for(Reason::disabled, "team@adatum.com");
    hidden.is_one_of_several = true;
    check_golden("members-hidden", report(DsnAction::failed, {hidden}));
    auto late = delayed(std::nullopt, "", "");
    late.original = late.final_recipient = "team@adatum.com";
    late.is_one_of_several = true;
    check_golden("members-delayed", report(DsnAction::delayed, {late}));
}

TEST_CASE("report: refused by another host") {
    check_golden("refused-by-host", report(DsnAction::failed, {refused_by_host()}));
}

TEST_CASE("report: several recipients") {
    auto input =
        report(DsnAction::failed, {refused_for(Reason::unknown_recipient), refused_by_host()});
    auto member = refused_for(Reason::no_route, "sales@contoso.com");
    member.final_recipient = "cn=Dora,ou=people,dc=adatum,dc=com";
    input.recipients.push_back(member);
    check_golden("several", input);
}

TEST_CASE("report: no headers, no Message-ID, nothing known") {
    DsnRecipient plain{"a@b.example", "", Status(554, {0, 0}, ""), std::nullopt, "", "", {}};
    auto input = report(DsnAction::failed, {plain});
    input.headers.clear();
    input.original_message_id.reset();
    check_golden("bare", input);
}

TEST_CASE("report: delays") {
    check_golden(
        "delayed-by-host",
        report(
            DsnAction::delayed, {delayed(std::nullopt, "notes1.adatum.com", "451 4.3.2 try later")}
        )
    );
    auto unreached =
        delayed(std::nullopt, "", "451 4.4.1 notes1[192.0.2.7]:25: Connection refused");
    unreached.is_own_account = true;
    check_golden("delayed-without-host", report(DsnAction::delayed, {unreached}));
    check_golden(
        "delayed-directory",
        report(DsnAction::delayed, {delayed(Reason::directory_unavailable, "", "")})
    );
}

TEST_CASE("report: hostile text stays inside its field") {
    auto recipient = refused_by_host();
    recipient.original = "\"x\r\n--8FQ2K7M1D5-report\r\nStatus: 2.0.0\"@b.example";
    recipient.final_recipient = "b\xC3\xBC@b.example";
    recipient.remote_mta = "evil\r\nStatus: 2.0.0";
    recipient.diagnostic =
        "550 no\nStatus: 2.0.0\r\n\r\nAction: delivered\n" + std::string(3000, 'w') + "\xff\x01";
    auto input = report(DsnAction::failed, {recipient});
    input.original_message_id = "<a\r\nBcc: victim@example.net>";
    input.headers = "--8FQ2K7M1D5-report--\r\nSubject: b\xC3\xBC\r\nX: " + std::string(5000, 'x') +
                    "\r\nY: bare\rreturn\nlast";
    check_golden("hostile", input);

    auto const message = build_dsn(input);
    CHECK(count(message, "\nStatus:") == 1);
    CHECK(count(message, "\nAction:") == 1);
    CHECK(count(message, "\nBcc:") == 0);
    CHECK(count(message, "\n--8FQ2K7M1D5-report") == 4);  // three parts and the end
}

TEST_CASE("report: every octet in every field from outside") {
    for (int octet = 0; octet < 256; ++octet) {
        std::string const text = "a" + std::string(1, static_cast<char>(octet)) + "b@c";
        DsnRecipient recipient{text, text + text, Status(550, {1, 1}, text), {}, text, text, {}};
        auto input = report(DsnAction::failed, {recipient});
        input.headers = "X: " + text;
        input.message_id = text;
        INFO(octet);
        check_form(build_dsn(input));
        CHECK(count(build_dsn(input), "\n--8FQ2K7M1D5-report") == 4);
    }
}

TEST_CASE("report: fields of a delayed recipient") {
    auto const message =
        build_dsn(report(DsnAction::delayed, {delayed(std::nullopt, "h.example", "451 later")}));
    CHECK(count(message, "\r\nAction: delayed\r\n") == 1);
    CHECK(count(message, "\r\nWill-Retry-Until: Thu, 26 Nov 2026 09:12:44 +0000\r\n") == 1);
    CHECK(count(message, "\r\nSubject: Delayed mail: carl@contoso.com\r\n") == 1);
}

TEST_CASE("report: the host is named by its name or by an address literal, without its port") {
    struct Row {
        char const* host;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"mbx1.adatum.com[192.0.2.7]:25", "dns; mbx1.adatum.com"},
        Row{"mbx1.adatum.com[2001:db8::7]:2525", "dns; mbx1.adatum.com"},
        Row{"mbx1.adatum.com", "dns; mbx1.adatum.com"},
        Row{"192.0.2.7:36043", "dns; [192.0.2.7]"},
        Row{"[2001:db8::7]:25", "dns; [IPv6:2001:db8::7]"},
        Row{"unix:/run/lmtp", "x-unix; /run/lmtp"}
    );
    auto recipient = refused_by_host();
    recipient.remote_mta = row.host;
    auto const message = build_dsn(report(DsnAction::failed, {recipient}));
    auto const expected = std::string("\r\nRemote-MTA: ") + row.expected + "\r\n";
    INFO(row.host);
    CHECK(count(message, expected) == 1);
    CHECK(count(message, "The answer of " + std::string(row.host)) == 1);
}

TEST_CASE("report: what was typed stands beside another address, or where ORCPT gave it") {
    auto recipient = refused_for(Reason::disabled, "carl@contoso.com");
    auto const fields_of = [&] {
        return count(build_dsn(report(DsnAction::failed, {recipient})), "Original-Recipient:");
    };
    CHECK(fields_of() == 0);  // RFC 3461 6.3 (d)
    recipient.orcpt = parse_original_recipient("rfc822;carl@contoso.com");
    CHECK(fields_of() == 1);
    recipient.orcpt.reset();
    recipient.final_recipient = "member@contoso.com";
    CHECK(fields_of() == 1);
}

TEST_CASE("report: no date of an attempt that nobody knows of") {
    auto recipient = delayed(std::nullopt, "", "451 4.3.2 stopped");
    CHECK(count(build_dsn(report(DsnAction::delayed, {recipient})), "Last-Attempt-Date:") == 1);
    recipient.is_attempt_known = false;
    CHECK(count(build_dsn(report(DsnAction::delayed, {recipient})), "Last-Attempt-Date:") == 0);
}

TEST_CASE("report: a domain that the name service does not know") {
    DsnRecipient recipient{
        "zoe@contosso.com",
        "zoe@contosso.com",
        Status(550, {1, 2}, ""),
        std::nullopt,
        "",
        "550 5.1.2 Domain of the address does not exist (\"contosso.com\" does not exist)",
        std::nullopt};
    recipient.is_own_account = true;
    recipient.goes_by_domain = true;
    check_golden("no-mail-system", report(DsnAction::failed, {recipient}));
    recipient.status.enhanced = {1, 10};
    recipient.diagnostic =
        "550 5.1.10 Domain of the address takes no mail (\"contosso.com\" takes no mail (null MX))";
    check_golden("takes-no-mail", report(DsnAction::failed, {recipient}));
    // The sender has not typed the domain that was looked up.
    recipient.goes_by_domain = false;
    auto const message = build_dsn(report(DsnAction::failed, {recipient}));
    CHECK(count(message, "spelling") == 0);
}

TEST_CASE("report: success that was asked for") {
    DsnRecipient done{
        "carl@contoso.com",
        "carl@contoso.com",
        Status(250, {0, 0}, "taken"),
        std::nullopt,
        "store1.adatum.com",
        "",
        std::nullopt};
    check_golden("delivered", report(DsnAction::delivered, {done}));
    check_golden("relayed", report(DsnAction::relayed, {done}));
    done.remote_mta.clear();
    check_golden("expanded", report(DsnAction::expanded, {done}));
}

TEST_CASE("report: what the sender gave with the message comes back") {
    auto recipient = refused_by_host();
    recipient.orcpt = parse_original_recipient("Rfc822;Carl+2Bx@Sales.Contoso.com");
    auto input = report(DsnAction::failed, {recipient});
    input.envelope_id = "QQ 314159";
    input.received_from = "pc17.adatum.com";
    input.log_id = "8FQ2K7M1D5";
    check_golden("all-fields", input);
}

TEST_CASE("report: the whole message, where RET=FULL asks for it") {
    auto input = report(DsnAction::failed, {refused_for(Reason::unknown_recipient)});
    input.content = input.headers + "\r\n.\r\nFrom the text\r\n";
    REQUIRE(can_be_returned(input.content, input.boundary));
    check_golden("returned-whole", input);
}

TEST_CASE("report: what cannot be returned whole") {
    CHECK(can_be_returned("a\r\n" + std::string(998, 'x') + "\r\n", "b"));
    CHECK_FALSE(can_be_returned(std::string(999, 'x') + "\r\n", "b"));
    CHECK_FALSE(can_be_returned("caf\xC3\xA9\r\n", "b"));
    CHECK_FALSE(can_be_returned("--b--\r\n", "b"));
    CHECK_FALSE(can_be_returned(std::string("a\0\r\n", 4), "b"));
}

TEST_CASE("report: one of our hosts refused, and outsiders do not learn which") {
    DsnRecipient recipient{
        "carl@contoso.com",
        "carl@contoso.com",
        Status(552, {2, 2}, "Mailbox full"),
        std::nullopt,
        "",
        "552 5.2.2 Mailbox full",
        std::nullopt};
    recipient.is_host_hidden = true;
    check_golden("refused-inside", report(DsnAction::failed, {recipient}));
    auto later = delayed(std::nullopt, "", "452 4.2.2");
    later.is_host_hidden = true;
    check_golden("delayed-inside", report(DsnAction::delayed, {later}));
}

TEST_CASE("report: the next host lacks what the message needs") {
    for (auto const& [name, detail] :
         {std::pair("lacks-8bitmime", 3), {"lacks-smtputf8", 7}, {"lacks-utf8-headers", 9}}) {
        DsnRecipient recipient{
            "carl@contoso.com",
            "carl@contoso.com",
            Status(554, {6, static_cast<std::uint16_t>(detail)}, ""),
            std::nullopt,
            "",
            "",
            std::nullopt};
        check_golden(name, report(DsnAction::failed, {recipient}));
    }
}

TEST_CASE("report: a UTF-8 recipient, to a sender in ASCII") {
    auto recipient = refused_for(
        Reason::unknown_recipient,
        "zo\xC3\xAB@b\xC3\xBC"
        "cher.example"
    );
    check_golden("utf8-recipient", report(DsnAction::failed, {recipient}));
}

TEST_CASE("report: a UTF-8 sender gets the forms of RFC 6533") {
    auto recipient = refused_for(Reason::unknown_recipient, "zo\xC3\xAB@contoso.com");
    recipient.orcpt = parse_original_recipient("utf-8;Zo\\x{EB}@contoso.com");
    auto input = report(DsnAction::failed, {recipient});
    input.to = *Mailbox::parse("j\xC3\xB6rg@example.net");
    input.headers =
        "Subject: Gr\xC3\xBC\xC3\x9F"
        "e\r\nX: \xE2\x80\xAE\xFF\x01\r\n";
    check_golden("utf8-sender", input);
}
