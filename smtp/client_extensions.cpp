// The part of ClientSession that knows what extensions are for: the parameters of MAIL and RCPT,
// and what a host without an extension cannot be given.
#include "mail/octets.hpp"
#include "smtp/client_session.hpp"
#include "smtp/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::smtp {

namespace {

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
}

}  // namespace

bool ClientSession::needs_smtputf8() const {
    auto const& recipients = present_.delivery.recipients;
    return present_.delivery.smtputf8 || !present_.delivery.from.is_ascii() ||
           std::any_of(recipients.begin(), recipients.end(), [](auto const& recipient) {
               return mail::has_high_octets(recipient.address);
           });
}

std::string ClientSession::mail_command() const {
    auto command = fmt::format("MAIL FROM:<{}>", present_.delivery.from.to_wire());
    bool const has_size = !present_.delivery.envelope_only;
    if (has_size && peer_offers(Extension::size))
        command += fmt::format(" SIZE={}", present_.delivery.size);
    bool const eight_bit = present_.delivery.body == BodyKind::eight_bit ||
                           present_.delivery.needs == ContentNeeds::eight_bit_body ||
                           present_.delivery.needs == ContentNeeds::eight_bit_header;
    if (eight_bit && peer_offers(Extension::eight_bit_mime)) command += " BODY=8BITMIME";
    if (needs_smtputf8() && peer_offers(Extension::smtputf8)) command += " SMTPUTF8";
    if (!peer_offers(Extension::dsn)) return command;
    if (auto const returns = mail::to_wire(present_.delivery.returns); !returns.empty()) {
        command += fmt::format(" RET={}", returns);
    }
    if (!present_.delivery.envelope_id.empty()) {
        command += fmt::format(" ENVID={}", present_.delivery.envelope_id);
    }
    return command;
}

std::string ClientSession::rcpt_command(DeliveryRecipient const& recipient) const {
    auto command = fmt::format("RCPT TO:<{}>", recipient.address);
    if (!peer_offers(Extension::dsn)) return command;
    // A store reached by LMTP has delivered when it says so, and we tell of it (RFC 2033 4.2).
    auto const notify = settings_.lmtp ? recipient.notify.without_success() : recipient.notify;
    if (auto const words = notify.to_wire(); !words.empty()) {
        command += fmt::format(" NOTIFY={}", words);
    }
    // RFC 6533 3: a host without SMTPUTF8 gets ORCPT in ASCII, which is how we keep it.
    // Nor would a host take more than RFC 3461 4.2 allows: that of a long encapsulated address.
    bool const can_take =
        (!mail::has_high_octets(recipient.original) || peer_offers(Extension::smtputf8)) &&
        recipient.original.size() <= mail::max_original_recipient;
    if (!recipient.original.empty() && can_take) {
        command += fmt::format(" ORCPT={}", recipient.original);
    }
    return command;
}

// The check also keeps line ends out of our commands, whatever the caller got wrong.
std::optional<mail::Status> ClientSession::why_unsendable(DeliveryRecipient const& recipient
) const {
    auto const sender = present_.delivery.from.to_wire();
    bool const utf8 = peer_offers(Extension::smtputf8);
    bool const sender_works = !has_controls(sender) && (utf8 || !mail::has_high_octets(sender));
    auto const& address = recipient.address;
    if (!sender_works || has_controls(address) || (!utf8 && mail::has_high_octets(address))) {
        return mail::Status{553, {6, 7}, "The next host takes ASCII addresses only"};
    }
    auto const needs = present_.delivery.needs;
    if (present_.delivery.smtputf8 && !utf8 && needs == ContentNeeds::eight_bit_header) {
        return mail::Status{554, {6, 9}, "The next host takes header fields in ASCII only"};
    }
    bool const eight_bit =
        needs == ContentNeeds::eight_bit_body || needs == ContentNeeds::eight_bit_header;
    if (eight_bit && !peer_offers(Extension::eight_bit_mime)) {
        return mail::Status{554, {6, 3}, "The next host takes 7-bit content only"};
    }
    return std::nullopt;
}

void ClientSession::refuse_unsendable() {
    for (std::size_t i = 0; i < present_.fates.size(); ++i) {
        auto const why = why_unsendable(present_.delivery.recipients[i]);
        if (!why) continue;
        settle(i, *why);
        present_.unsendable[i] = true;
    }
}

}  // namespace splitmx::smtp
