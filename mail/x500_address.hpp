// Exchange's own name of a recipient, "/o=Contoso/ou=First/cn=Recipients/cn=anna": the value of an
// X500 proxy address and of legacyExchangeDN. Outlook keeps it for ever, and answers to it. Over
// SMTP it comes encapsulated, as IMCEAEX-_O=CONTOSO_OU=FIRST_CN=RECIPIENTS_CN=ANNA@contoso.com: "/"
// as "_", and what is neither a letter nor a digit, "-" nor "=", as "+" and two hexadecimal digits.
// Compares without regard to case. Threads: immutable values. Errors: none for what is no such
// address. Source: MS-OXCMAIL 2.1.3.1.8; Q271575.
#pragma once

#include "mail/mailbox.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

class X500Address {
public:
    // "/o=Contoso/..." without a type before it: begins with "/", holds a "=" and no control
    // characters.
    [[nodiscard]] static std::optional<X500Address> parse(std::string_view text);

    [[nodiscard]] std::string const& text() const { return text_; }  // case as written
    [[nodiscard]] std::string key() const { return fold_case(text_); }

    bool operator==(X500Address const& other) const { return key() == other.key(); }

private:
    explicit X500Address(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// What a local part stands for: of the types EX and X500, in any case.
[[nodiscard]] std::optional<X500Address> encapsulated_in(LocalPart const& local_part);

}  // namespace splitmx::mail
