// A reply code with its enhanced status code: one value, so that the two can never disagree.
// The class of the enhanced code is the first digit of the reply code.
// Threads: immutable value. Source: RFC 5321 4.2, RFC 3463 2.
#pragma once

#include "mail/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::mail {

// Subject and detail of RFC 3463 2; the class comes from the reply code.
struct EnhancedCode {
    std::uint16_t subject = 0;
    std::uint16_t detail = 0;
    auto operator<=>(EnhancedCode const&) const = default;
};

struct Status {
    int code = 250;  // three digits, RFC 5321 4.2.1
    EnhancedCode enhanced;
    std::string
        text;  // for the peer: generic, ASCII, no internal names; may hold '\n' between lines

    Status() = default;
    Status(int reply_code, EnhancedCode enhanced_code, std::string reply_text)
        : code(reply_code), enhanced(enhanced_code), text(std::move(reply_text)) {}

    bool is_positive() const { return code >= 200 && code < 400; }
    bool is_transient() const { return code >= 400 && code < 500; }
    bool is_permanent() const { return code >= 500; }
    // "5.1.1". RFC 3463 knows classes 2, 4 and 5 only; a 3yz reply has none ("").
    std::string enhanced_text() const;
    std::string to_log() const;  // "550 5.1.1 text"

    // From a peer's reply: a missing or contradicting enhanced code becomes X.0.0.
    static Status from_reply(int code, std::string_view text);

    bool operator==(Status const&) const = default;
};

}  // namespace splitmx::mail
