// Reads the octets of a record from their beginning, one part after the other. Internal.
// Threads: values; the dictionaries may grow meanwhile. Errors: octets that no encode() made give
// less than there should be.
#pragma once

#include "directory/copy/octets.hpp"
#include "directory/copy/record.hpp"
#include "directory/copy/record_form.hpp"
#include "mail/letter_case.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::directory::copy {

// Empty for a catch-all.
inline std::optional<mail::LocalPart> local_part_of(std::string_view text) {
    if (text.empty()) return mail::LocalPart();
    auto part = mail::LocalPart::from_value(text);
    if (!part) return std::nullopt;
    return std::move(*part);
}

class Decoder {
public:
    Decoder(Codec const& codec, Record const& record)
        : codec_(codec), in_(record.octets().substr(1)) {
        auto const flags = static_cast<unsigned char>(record.octets().front());
        if ((flags & extras_bit) == 0) return;
        Reader extras(in_.text());
        use_ = static_cast<resolver::MailboxUse>(extras.number());
        foreign_ = extras.text();
        x500_ = extras.rest();
    }

    [[nodiscard]] resolver::MailboxUse use() const { return use_; }

    [[nodiscard]] std::vector<resolver::ForeignAddresses> foreign_addresses() const {
        std::vector<resolver::ForeignAddresses> all;
        Reader in(foreign_);
        while (!in.rest().empty()) {
            auto const type = static_cast<Codec::Words::Id>(in.number());
            auto const count = in.number();
            if (!in.good()) break;
            all.push_back({codec_.words_[type], count});
        }
        return all;
    }

    // Calls f(upper part, last part) until it says true.
    template <class F>
    bool any_x500(F const& f) const {
        Reader in(x500_);
        while (!in.rest().empty()) {
            auto const upper = static_cast<Codec::Words::Id>(in.number());
            auto const last = in.text();
            if (!in.good()) return false;
            if (f(std::string_view(codec_.words_[upper]), last)) return true;
        }
        return false;
    }

    std::vector<mail::X500Address> x500_addresses() const {
        std::vector<mail::X500Address> all;
        any_x500([&](std::string_view upper, std::string_view last) {
            std::string text;
            text.reserve(upper.size() + last.size());
            text.append(upper).append(last);
            if (auto address = mail::X500Address::parse(text)) all.push_back(std::move(*address));
            return false;
        });
        return all;
    }

    // Calls f(domain's number, local part) until it says true.
    template <class F>
    bool any_address(F const& f) {
        auto const count = in_.number();
        for (std::uint64_t i = 0; i < count && in_.good(); ++i) {
            auto const domain = static_cast<Codec::Domains::Id>(in_.number());
            auto const local_part = in_.text();
            if (in_.good() && f(domain, local_part)) return true;
        }
        return false;
    }

    std::vector<mail::Mailbox> addresses() {
        std::vector<mail::Mailbox> all;
        constexpr std::uint64_t usual = 16;  // whatever a damaged record says
        all.reserve(std::min(Reader(in_).number(), usual));
        any_address([&](Codec::Domains::Id domain, std::string_view local_part) {
            if (auto part = local_part_of(local_part)) {
                all.emplace_back(std::move(*part), codec_.domains_[domain]);
            }
            return false;
        });
        return all;
    }

    void skip_addresses() {
        any_address([](Codec::Domains::Id, std::string_view) { return false; });
    }

    struct Name {
        std::string_view rdn;
        std::string_view upper;
        std::optional<std::string_view> key;  // none: the name in lower case
    };

    Name raw_name() {
        auto const number = in_.number();
        Name name{in_.text(), {}, {}};
        if ((number & 1U) != 0) name.key = in_.text();
        if (in_.good()) name.upper = codec_.words_[static_cast<Codec::Words::Id>(number / 2)];
        return name;
    }

    resolver::EntryName name() {
        auto const raw = raw_name();
        resolver::EntryName entry;
        entry.text.reserve(raw.rdn.size() + raw.upper.size());
        entry.text.append(raw.rdn).append(raw.upper);
        if (raw.key) {
            entry.key = *raw.key;
        } else {
            entry.key = entry.text;
            for (char& c : entry.key) c = mail::to_lower(c);
        }
        return entry;
    }

    resolver::Recipient recipient(unsigned flags) {
        resolver::Recipient recipient;
        recipient.kind = static_cast<resolver::RecipientKind>(flags & kind_bits);
        recipient.disabled = (flags & disabled_bit) != 0;
        recipient.hidden = (flags & hidden_bit) != 0;
        recipient.deliver_to_both = (flags & both_bit) != 0;
        recipient.addresses = addresses();
        recipient.use = use();
        recipient.x500_addresses = x500_addresses();
        recipient.foreign_addresses = foreign_addresses();
        recipient.name = name();
        recipient.primary = owned_address(recipient.addresses);
        recipient.deliver_as = owned_address(recipient.addresses);
        recipient.target = target();
        if (auto const host = in_.number(); host > 0) {
            recipient.mail_host = codec_.words_[static_cast<Codec::Words::Id>(host - 1)];
        }
        if ((flags & more_bit) != 0) rest(recipient);
        return recipient;
    }

    // Behind the recipient.
    std::vector<schema::MappingRemark> remarks() {
        std::vector<schema::MappingRemark> all;
        auto const count = in_.number();
        for (std::uint64_t i = 0; i < count && in_.good(); ++i) {
            auto const id = static_cast<schema::RemarkId>(in_.number());
            auto const attribute = static_cast<Codec::Words::Id>(in_.number());
            std::string text(in_.text());
            if (in_.good()) all.push_back({id, codec_.words_[attribute], std::move(text)});
        }
        return all;
    }

private:
    std::optional<mail::Mailbox> address() {
        auto const domain = static_cast<Codec::Domains::Id>(in_.number());
        auto part = local_part_of(in_.text());
        if (!in_.good() || !part) return std::nullopt;
        return mail::Mailbox(std::move(*part), codec_.domains_[domain]);
    }

    std::optional<mail::Mailbox> owned_address(std::vector<mail::Mailbox> const& own) {
        auto const place = in_.number();
        if (place == 0) return std::nullopt;
        if (place <= own.size()) return own[place - 1];
        return address();
    }

    std::optional<resolver::TargetAddress> target() {
        auto const type = in_.number();
        if (type == 0) return std::nullopt;
        auto const upper = in_.number();
        auto const lower_part = in_.text();
        if (!in_.good()) return std::nullopt;
        auto const& upper_part = codec_.words_[static_cast<Codec::Words::Id>(upper)];
        std::string value;
        value.reserve(lower_part.size() + upper_part.size());
        value.append(lower_part).append(upper_part);
        return resolver::TargetAddress{
            codec_.words_[static_cast<Codec::Words::Id>(type - 1)], std::move(value)};
    }

    std::vector<resolver::Originator> originators() {
        std::vector<resolver::Originator> all;
        auto const count = in_.number();
        for (std::uint64_t i = 0; i < count && in_.good(); ++i) {
            if (in_.number() != 0) {
                all.emplace_back(name());
            } else if (auto mailbox = address()) {
                all.emplace_back(std::move(*mailbox));
            }
        }
        return all;
    }

    void rest(resolver::Recipient& recipient) {
        if (in_.number() != 0) recipient.alternate = name();
        recipient.accept_from = originators();
        recipient.reject_from = originators();
        auto const members = in_.number();
        for (std::uint64_t i = 0; i < members && in_.good(); ++i) {
            recipient.members.push_back(name());
        }
        recipient.member_addresses = addresses();
        auto const malformed = in_.number();
        for (std::uint64_t i = 0; i < malformed && in_.good(); ++i) {
            recipient.malformed_members.emplace_back(in_.text());
        }
    }

    Codec const& codec_;
    Reader in_;
    resolver::MailboxUse use_ = resolver::MailboxUse::ordinary;
    std::string_view foreign_;
    std::string_view x500_;
};

}  // namespace splitmx::directory::copy
