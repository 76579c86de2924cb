// Values of a directory that stand for addresses, read one at a time.
// Strict where a live lookup has to find the value again by asking for it (addresses of an entry);
// lenient where the value only has to be understood (targets, members, restrictions).
// Threads: pure functions. Source: RFC 5321 4.1.2; Q257578, Q230331, Q258704, Q166247, Q246434.
#pragma once

#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"
#include "schema/remark.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace splitmx::schema {

struct AddressValue {
    mail::Mailbox mailbox;
    bool is_primary = false;  // "SMTP:" in capitals
};

// The address, or why it is skipped. "@example.com" is a catch-all: its local part is empty.
[[nodiscard]] std::variant<AddressValue, RemarkId> read_address(
    std::string_view value, AddressSyntax syntax
);

// "X500:/o=Contoso/ou=First/cn=Recipients/cn=anna", of type X500 or EX in any case. Nothing for all
// else.
[[nodiscard]] std::optional<mail::X500Address> read_x500(
    std::string_view value, AddressSyntax syntax
);
// The same with its type, as a value of such an attribute.
[[nodiscard]] std::string write_x500(mail::X500Address const& address, AddressSyntax syntax);

// "SIP" of "sip:anna@x"; empty where there is none. Cut where it is too long to be one.
[[nodiscard]] std::string address_type(std::string_view value, AddressSyntax syntax);

// Of the mail type, whether its address is good or not.
[[nodiscard]] bool is_mail_type(std::string_view value, AddressSyntax syntax);

// "SMTP:x@y", "NOTES:Zoe/Org", "x@y", "mailto:x@y"; none if there is nothing behind the type.
[[nodiscard]] std::optional<resolver::TargetAddress> read_target(std::string_view value);

// "x@y", with or without "smtp:" or "mailto:" before it.
[[nodiscard]] std::optional<mail::Mailbox> read_originator(std::string_view value);

[[nodiscard]] std::string_view without_blanks(std::string_view text);  // at both ends
[[nodiscard]] bool starts_with_no_case(std::string_view text, std::string_view prefix);

}  // namespace splitmx::schema
