// A mapping as text that an administrator can read, for golden files.
#pragma once

#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace splitmx::schema {

class Rendering {
public:
    explicit Rendering(ldap::Entry const& entry) : text_(entry.dn().text() + "\n") {}

    void line(std::string const& what, std::string const& value) {
        text_ += fmt::format("    {:<16}{}\n", what, value.empty() ? "(nothing)" : value);
    }
    void line_if(bool there, std::string const& what, std::string const& value) {
        if (there) line(what, value);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

inline std::string to_text(resolver::RecipientKind kind) {
    switch (kind) {
        case resolver::RecipientKind::mailbox:
            return "mailbox";
        case resolver::RecipientKind::custom_recipient:
            return "custom recipient";
        case resolver::RecipientKind::group:
            return "group";
    }
    return "?";
}

inline std::string to_text(resolver::MailboxUse use) {
    constexpr std::array words{"ordinary", "linked", "shared", "room", "equipment", "remote"};
    return words.at(static_cast<std::size_t>(use));
}

inline void add_originators(
    Rendering& rendering, std::string const& what, std::vector<resolver::Originator> const& from
) {
    for (auto const& originator : from) {
        auto const* mailbox = std::get_if<mail::Mailbox>(&originator);
        rendering.line(
            what,
            mailbox ? mailbox->to_log() : "entry " + std::get<resolver::EntryName>(originator).text
        );
    }
}

inline void add_recipient(Rendering& rendering, resolver::Recipient const& recipient) {
    rendering.line("kind", to_text(recipient.kind));
    for (auto const& address : recipient.addresses) rendering.line("address", address.to_log());
    if (recipient.use != resolver::MailboxUse::ordinary) {
        rendering.line("use", to_text(recipient.use));
    }
    for (auto const& x500 : recipient.x500_addresses) rendering.line("x500", x500.text());
    if (recipient.primary) rendering.line("primary", recipient.primary->to_log());
    if (recipient.deliver_as) rendering.line("deliver as", recipient.deliver_as->to_log());
    if (recipient.target) {
        rendering.line("target", recipient.target->type + " " + recipient.target->value);
    }
    rendering.line_if(!recipient.mail_host.empty(), "host", recipient.mail_host);
    rendering.line_if(recipient.disabled, "disabled", "yes");
    rendering.line_if(recipient.hidden, "hidden", "yes");
    if (recipient.alternate) rendering.line("alternate", recipient.alternate->text);
    rendering.line_if(recipient.deliver_to_both, "deliver to", "both");
    add_originators(rendering, "accept from", recipient.accept_from);
    add_originators(rendering, "reject from", recipient.reject_from);
    for (auto const& member : recipient.members) rendering.line("member", member.text);
    for (auto const& address : recipient.member_addresses) {
        rendering.line("member", "address " + address.to_log());
    }
    for (auto const& text : recipient.malformed_members) {
        rendering.line("member", "malformed: " + mail::to_log_text(text));
    }
}

inline std::string render(Profile const& profile, ldap::Entry const& entry) {
    auto const mapping = map(profile, entry);
    Rendering rendering(entry);
    if (auto const* recipient = mapping.recipient()) {
        add_recipient(rendering, *recipient);
    } else {
        rendering.line("no recipient", std::get<NotARecipient>(mapping.outcome).why);
    }
    for (auto const& remark : mapping.remarks) {
        rendering.line(
            "remark", fmt::format("{} in {}: {}", to_id(remark.id), remark.attribute, remark.text)
        );
    }
    return rendering.take();
}

}  // namespace splitmx::schema
