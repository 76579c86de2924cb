// What goes to a host with an extension, and what becomes of a message that a host without it cannot
// be given (RFC 3461, 6152, 6531).
#include "smtp/client_session.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

std::string const utf8 = "j\xC3\xB6rg@example.org";

ClientSession session_with(std::string const& keywords, bool lmtp = false) {
    ClientSession session({"mx", lmtp});
    session.feed("220 peer\r\n");
    session.next();
    session.feed("250-peer\r\n250-PIPELINING\r\n" + keywords + "250 HELP\r\n");
    CHECK(session.next() == ClientSession::Step::idle);
    session.take_output();
    return session;
}

Delivery plain() {
    Delivery delivery;
    delivery.from = *mail::ReversePath::parse("<ann@example.org>");
    delivery.recipients = {"bob@x"};
    return delivery;
}

Delivery with_requests() {
    auto delivery = plain();
    delivery.returns = mail::ReturnContent::full;
    delivery.envelope_id = "QQ+2B314";
    delivery.recipients = {
        {"bob@x", *mail::Notify::parse("SUCCESS,DELAY"), "rfc822;Bob+2Bx@y"},
        {"cyd@x", *mail::Notify::parse("NEVER"), ""},
        {"dan@x", mail::Notify(), "utf-8;j\xC3\xB6rg@y"}};
    return delivery;
}

std::string said(ClientSession& session, Delivery delivery) {
    session.begin(std::move(delivery));
    return session.take_output();
}

}  // namespace

TEST_CASE("client: requests for reports go on unchanged") {
    auto session = session_with("250-DSN\r\n250-SMTPUTF8\r\n");
    CHECK(said(session, with_requests()) ==
          "MAIL FROM:<ann@example.org> RET=FULL ENVID=QQ+2B314\r\n"
          "RCPT TO:<bob@x> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob+2Bx@y\r\n"
          "RCPT TO:<cyd@x> NOTIFY=NEVER\r\n"
          "RCPT TO:<dan@x> ORCPT=utf-8;j\xC3\xB6rg@y\r\nDATA\r\n");
}

TEST_CASE("client: a longer ORCPT than RFC 3461 4.2 allows stays behind") {
    auto const of_size = [](std::size_t size) {
        auto delivery = plain();
        std::string const type = "rfc822;";
        delivery.recipients = {
            {"bob@x", mail::Notify(), type + std::string(size - type.size(), 'a')}};
        auto session = session_with("250-DSN\r\n");
        return said(session, delivery).find("ORCPT=") != std::string::npos;
    };
    CHECK(of_size(500));
    CHECK_FALSE(of_size(501));
}

TEST_CASE("client: a host without DSN is asked nothing about reports") {
    auto session = session_with("");
    CHECK(said(session, with_requests()) ==
          "MAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@x>\r\nRCPT TO:<cyd@x>\r\n"
          "RCPT TO:<dan@x>\r\nDATA\r\n");
}

TEST_CASE("client: of success by LMTP we tell ourselves; UTF-8 in ORCPT needs SMTPUTF8") {
    auto session = session_with("250-DSN\r\n", true);
    CHECK(said(session, with_requests()) ==
          "MAIL FROM:<ann@example.org> RET=FULL ENVID=QQ+2B314\r\n"
          "RCPT TO:<bob@x> NOTIFY=DELAY ORCPT=rfc822;Bob+2Bx@y\r\n"
          "RCPT TO:<cyd@x> NOTIFY=NEVER\r\nRCPT TO:<dan@x>\r\nDATA\r\n");
}

TEST_CASE("client: SMTPUTF8 is passed on, and used where an address needs it") {
    auto session = session_with("250-8BITMIME\r\n250-SMTPUTF8\r\n");
    auto delivery = plain();
    SECTION("the sender said so") {
        delivery.smtputf8 = true;
        CHECK(said(session, delivery).starts_with("MAIL FROM:<ann@example.org> SMTPUTF8\r\n"));
    }
    SECTION("a recipient needs it") {
        delivery.recipients = {DeliveryRecipient(utf8)};
        CHECK(said(session, delivery) ==
              "MAIL FROM:<ann@example.org> SMTPUTF8\r\nRCPT TO:<" + utf8 + ">\r\nDATA\r\n");
    }
    SECTION("nothing needs it") {
        CHECK(said(session, delivery).starts_with("MAIL FROM:<ann@example.org>\r\n"));
    }
    SECTION("line ends never pass") {
        delivery.recipients = {DeliveryRecipient(utf8 + ">\r\nRSET")};
        CHECK(said(session, delivery).empty());
        CHECK(session.outcomes()[0].code == 553);
    }
}

TEST_CASE("client: without SMTPUTF8 what is ASCII is sent, and nothing else") {
    auto session = session_with("250-8BITMIME\r\n");
    auto delivery = plain();
    delivery.smtputf8 = true;
    SECTION("addresses and header section are ASCII") {
        delivery.needs = ContentNeeds::eight_bit_body;
        CHECK(said(session, delivery) ==
              "MAIL FROM:<ann@example.org> BODY=8BITMIME\r\nRCPT TO:<bob@x>\r\nDATA\r\n");
    }
    SECTION("one recipient is not") {
        delivery.recipients = {DeliveryRecipient(utf8), "bob@x"};
        CHECK(said(session, delivery) ==
              "MAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@x>\r\nDATA\r\n");
        CHECK(session.outcomes()[0].to_log().starts_with("553 5.6.7 "));
        CHECK(session.was_unsendable(0));
        CHECK_FALSE(session.was_unsendable(1));
    }
    SECTION("the sender is not") {
        delivery.from = *mail::ReversePath::parse(utf8);
        CHECK(said(session, delivery).empty());
        CHECK(session.next() == ClientSession::Step::done);
        CHECK(session.outcomes()[0].to_log().starts_with("553 5.6.7 "));
    }
    SECTION("the header section is not") {
        delivery.needs = ContentNeeds::eight_bit_header;
        CHECK(said(session, delivery).empty());
        CHECK(session.outcomes()[0].to_log().starts_with("554 5.6.9 "));
    }
    SECTION("raw octets in the header section of an old message are no business of SMTPUTF8") {
        delivery.smtputf8 = false;
        delivery.needs = ContentNeeds::eight_bit_header;
        CHECK(said(session, delivery).starts_with("MAIL FROM:<ann@example.org> BODY=8BITMIME\r\n"));
    }
}

TEST_CASE("client: 8-bit content goes to hosts with 8BITMIME alone") {
    auto session = session_with("");
    auto delivery = plain();
    delivery.body = BodyKind::eight_bit;
    SECTION("declared, and not there: sent as 7-bit") {
        delivery.needs = ContentNeeds::seven_bit;
        CHECK(said(session, delivery).starts_with("MAIL FROM:<ann@example.org>\r\n"));
    }
    SECTION("there: no lawful way") {
        delivery.needs = GENERATE(ContentNeeds::eight_bit_body, ContentNeeds::eight_bit_header);
        CHECK(said(session, delivery).empty());
        CHECK(session.outcomes()[0].to_log().starts_with("554 5.6.3 "));
        CHECK(session.was_unsendable(0));
    }
    SECTION("not known, in mail of an earlier version: sent") {
        CHECK(said(session, delivery).starts_with("MAIL FROM:<ann@example.org>\r\n"));
    }
}

}  // namespace splitmx::smtp
