// A report about a message that anybody sent, refused by a host that says anything.
// Input: lines for the recipient, its host, the host's reply; the rest is the original's content.
#include "mail/dsn.hpp"
#include "mail/header_scan.hpp"

#include <chrono>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

void check(std::string_view report, mail::DsnInput const& input) {
    std::string_view const boundary = input.boundary;
    demand(report.ends_with("\r\n"), "a message ends in a line end");
    std::size_t parts = 0;
    while (!report.empty()) {
        auto const end = report.find("\r\n");
        demand(end != std::string_view::npos, "every line ends in CRLF");
        auto const line = report.substr(0, end);
        demand(line.size() <= 998, "no line is over 998 octets");
        for (char const c : line) {
            demand(c != '\r' && c != '\n' && c != '\0', "no line end on its own, no NUL");
        }
        if (line.starts_with("--") && line.substr(2).starts_with(boundary)) ++parts;
        report.remove_prefix(end + 2);
    }
    demand(parts == (input.headers.empty() ? 3 : 4), "the parts and the end: none is forged");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    mail::DsnRecipient recipient{
        std::string(input.line()), "", mail::Status(550, {1, 1}, "no"), {}, "", "", {}};
    recipient.final_recipient = recipient.original;
    recipient.remote_mta = input.line();
    recipient.diagnostic = input.line();
    mail::HeaderScan scan;
    std::size_t const piece = 1 + input.octet();
    while (!input.empty()) scan.feed(input.octets(piece));
    mail::DsnInput const report{
        mail::DsnAction::failed,
        "relay.example",
        *mail::Mailbox::parse("postmaster@relay.example"),
        *mail::Mailbox::parse("a@example.com"),
        {},
        {},
        "1@relay.example",
        "no-original-has-this",
        {recipient},
        scan.message_id(),
        std::string(scan.section())};
    check(mail::build_dsn(report), report);
    return 0;
}
