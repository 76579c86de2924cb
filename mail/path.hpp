// The paths of an envelope. A null reverse-path and the bare <Postmaster> are states of their
// types, never an empty string. Source routes are dropped (RFC 5321 3.3, Q140940). Threads:
// immutable values. Source: RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2.
#pragma once

#include "mail/mailbox.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

// The sender of an envelope: a mailbox, or nobody (a notification, which is never answered).
class ReversePath {
public:
    ReversePath() = default;  // null
    explicit ReversePath(Mailbox mailbox) : mailbox_(std::move(mailbox)) {}
    // "<>", "<a@b>", "a@b", "".
    static Result<ReversePath> parse(std::string_view text);

    bool is_null() const { return !mailbox_; }
    std::optional<Mailbox> const& mailbox() const { return mailbox_; }
    std::string to_wire() const;  // "a@b", or "" for null; no brackets
    std::string to_log() const;   // "<a@b>"
    bool is_ascii() const { return !mailbox_ || mailbox_->is_ascii(); }

    bool operator==(ReversePath const&) const = default;

private:
    std::optional<Mailbox> mailbox_;
};

// One recipient of an envelope: a mailbox, or <Postmaster> without a domain (RFC 5321 4.5.1).
class ForwardPath {
public:
    explicit ForwardPath(Mailbox mailbox);
    // "<a@b>", "a@b", "<@relay:a@b>", "Postmaster".
    static Result<ForwardPath> parse(std::string_view text);

    bool is_bare_postmaster() const { return !mailbox_; }
    std::optional<Mailbox> const& mailbox() const { return mailbox_; }
    std::string const& typed() const {
        return typed_;
    }                             // as the sender wrote it, no brackets, no route
    std::string to_wire() const;  // "a@b" or "Postmaster"; no brackets
    std::string to_log() const;

    bool operator==(ForwardPath const& other) const { return mailbox_ == other.mailbox_; }

private:
    ForwardPath() = default;

    std::optional<Mailbox> mailbox_;
    std::string typed_;
};

}  // namespace splitmx::mail
