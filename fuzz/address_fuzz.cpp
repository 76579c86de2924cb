// Addresses as anybody types them: what parses has a form that parses to the same.
#include "mail/path.hpp"

#include <algorithm>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

bool fits_a_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

void check(mail::Mailbox const& mailbox) {
    auto const wire = mailbox.to_wire();
    demand(fits_a_line(wire), "an address fits into a command");
    demand(fits_a_line(mailbox.to_log()), "an address fits into a line of the log");
    auto const again = mail::Mailbox::parse_long(wire);
    demand(again.has_value(), "the wire form parses");
    demand(again->key() == mailbox.key(), "the wire form is the same address");
    demand(again->to_wire() == wire, "the wire form is final");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::Input(data, size).rest();
    if (auto const mailbox = mail::Mailbox::parse(text)) check(*mailbox);
    if (auto const mailbox = mail::Mailbox::parse_long(text)) check(*mailbox);
    if (auto const path = mail::ReversePath::parse(text); path && path->mailbox()) {
        check(*path->mailbox());
        demand(fits_a_line(path->to_log()), "a path fits into a line of the log");
    }
    if (auto const path = mail::ForwardPath::parse(text)) {
        if (path->mailbox()) check(*path->mailbox());
        demand(fits_a_line(path->to_wire()), "a path fits into a command");
        demand(fits_a_line(path->to_log()), "a path fits into a line of the log");
    }
    if (auto const domain = mail::Domain::parse(text)) {
        auto const again = mail::Domain::parse(domain->text());
        demand(again && *again == *domain, "the text is the same domain");
    }
    demand(fits_a_line(mail::to_log_text(text)), "anything fits into a line of the log");
    return 0;
}
