// From a recipient to the octets of its record.
#include "directory/copy/octets.hpp"
#include "directory/copy/record.hpp"
#include "directory/copy/record_form.hpp"

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

// Where the part of a DN begins that other entries are likely to have, too: behind its first RDN.
std::size_t end_of_first_rdn(std::string_view dn) {
    for (std::size_t i = 0; i < dn.size(); ++i) {
        if (dn[i] == '\\')
            ++i;
        else if (dn[i] == ',')
            return i;
    }
    return dn.size();
}

}  // namespace

class Encoder {
public:
    explicit Encoder(Codec& codec) : codec_(codec) {}

    std::string encode(
        resolver::Recipient const& recipient, std::vector<schema::MappingRemark> const& remarks
    ) {
        bool const more = recipient.alternate || !recipient.accept_from.empty() ||
                          !recipient.reject_from.empty() || !recipient.members.empty() ||
                          !recipient.member_addresses.empty() ||
                          !recipient.malformed_members.empty();
        bool const has_extras = recipient.use != resolver::MailboxUse::ordinary ||
                                !recipient.foreign_addresses.empty() ||
                                !recipient.x500_addresses.empty();
        auto const flags = static_cast<unsigned>(recipient.kind) |
                           (recipient.disabled ? disabled_bit : 0) |
                           (recipient.hidden ? hidden_bit : 0) |
                           (recipient.deliver_to_both ? both_bit : 0) | (more ? more_bit : 0) |
                           (remarks.empty() ? 0 : remarks_bit) | (has_extras ? extras_bit : 0);
        out_ += static_cast<char>(flags);
        if (has_extras) extras(recipient);
        addresses(recipient.addresses);
        name(recipient.name);
        owned_address(recipient.primary, recipient);
        owned_address(recipient.deliver_as, recipient);
        target(recipient.target);
        append_number(
            out_, recipient.mail_host.empty() ? 0 : word(std::string(recipient.mail_host)) + 1
        );
        if (more) rest(recipient);
        if (!remarks.empty()) this->remarks(remarks);
        return std::move(out_);
    }

private:
    std::uint64_t word(std::string text) { return codec_.words_.id_of(std::move(text)); }

    void address(mail::Mailbox const& mailbox) {
        append_number(out_, codec_.domains_.id_of(mailbox.domain()));
        append_text(out_, mailbox.local_part().value());
    }

    void addresses(std::vector<mail::Mailbox> const& mailboxes) {
        append_number(out_, mailboxes.size());
        for (auto const& mailbox : mailboxes) address(mailbox);
    }

    // A text of its own, so that others can pass it over. Of an X500 address all but the last part
    // is the same for many.
    void extras(resolver::Recipient const& recipient) {
        std::string foreign;
        for (auto const& [type, count] : recipient.foreign_addresses) {
            append_number(foreign, word(type));
            append_number(foreign, count);
        }
        std::string octets;
        append_number(octets, static_cast<std::uint64_t>(recipient.use));
        append_text(octets, foreign);
        for (auto const& address : recipient.x500_addresses) {
            std::string_view const text = address.text();
            auto const cut = text.rfind('/');
            append_number(octets, word(std::string(text.substr(0, cut))));
            append_text(octets, text.substr(cut));
        }
        append_text(out_, octets);
    }

    // One of the recipient's own addresses is its place in the list, from 1; 0 is none.
    void owned_address(
        std::optional<mail::Mailbox> const& mailbox, resolver::Recipient const& recipient
    ) {
        if (!mailbox) return append_number(out_, 0);
        auto const& own = recipient.addresses;
        auto const found = std::find_if(own.begin(), own.end(), [&](mail::Mailbox const& one) {
            return one.domain() == mailbox->domain() &&
                   one.local_part().value() == mailbox->local_part().value();
        });
        append_number(out_, static_cast<std::uint64_t>(found - own.begin()) + 1);
        if (found == own.end()) address(*mailbox);
    }

    // The number is twice that of the upper part, and odd if the key has to be written, too.
    void name(resolver::EntryName const& entry) {
        auto const cut = end_of_first_rdn(entry.text);
        bool const own_key = !is_lower_case_of(entry.key, entry.text);
        append_number(out_, word(entry.text.substr(cut)) * 2 + (own_key ? 1 : 0));
        append_text(out_, std::string_view(entry.text).substr(0, cut));
        if (own_key) append_text(out_, entry.key);
    }

    void names(std::vector<resolver::EntryName> const& entries) {
        append_number(out_, entries.size());
        for (auto const& entry : entries) name(entry);
    }

    void target(std::optional<resolver::TargetAddress> const& address) {
        if (!address) return append_number(out_, 0);
        append_number(out_, word(address->type) + 1);
        auto const at = std::min(address->value.rfind('@'), address->value.size());
        append_number(out_, word(address->value.substr(at)));
        append_text(out_, std::string_view(address->value).substr(0, at));
    }

    void originators(std::vector<resolver::Originator> const& all) {
        append_number(out_, all.size());
        for (auto const& one : all) {
            append_number(out_, one.index());
            if (auto const* mailbox = std::get_if<mail::Mailbox>(&one))
                address(*mailbox);
            else
                name(std::get<resolver::EntryName>(one));
        }
    }

    void rest(resolver::Recipient const& recipient) {
        append_number(out_, recipient.alternate ? 1 : 0);
        if (recipient.alternate) name(*recipient.alternate);
        originators(recipient.accept_from);
        originators(recipient.reject_from);
        names(recipient.members);
        addresses(recipient.member_addresses);
        append_number(out_, recipient.malformed_members.size());
        for (auto const& text : recipient.malformed_members) append_text(out_, text);
    }

    void remarks(std::vector<schema::MappingRemark> const& all) {
        append_number(out_, all.size());
        for (auto const& one : all) {
            append_number(out_, static_cast<std::uint64_t>(one.id));
            append_number(out_, word(one.attribute));
            append_text(out_, one.text);
        }
    }

    Codec& codec_;
    std::string out_;
};

std::string Codec::encode(
    resolver::Recipient const& recipient, std::vector<schema::MappingRemark> const& remarks
) {
    return Encoder(*this).encode(recipient, remarks);
}

std::string Codec::encode_no_recipient() {
    return std::string(1, static_cast<char>(RecordKind::no_recipient));
}

}  // namespace splitmx::directory::copy
