#include "directory/copy/record.hpp"

#include "directory/copy/hash.hpp"
#include "directory/copy/octets.hpp"

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

// The first octet of a record.
constexpr unsigned kind_bits = 0x03;
constexpr unsigned disabled_bit = 0x04;
constexpr unsigned hidden_bit = 0x08;
constexpr unsigned both_bit = 0x10;
constexpr unsigned more_bit = 0x20;  // an alternate, restrictions or members follow

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

std::string folded(std::string_view local_part) {
    if (!is_ascii(local_part)) {
        auto const part = mail::LocalPart::from_value(local_part);
        return part ? part->key() : std::string(local_part);
    }
    std::string text(local_part);
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

bool equals_folded(std::string_view local_part, std::string_view folded_one) {
    if (!is_ascii(local_part)) return folded(local_part) == folded_one;
    return local_part.size() == folded_one.size() &&
           std::equal(local_part.begin(), local_part.end(), folded_one.begin(), [](char a, char b) {
               return lower(a) == b;
           });
}

std::uint64_t address_hash(std::string_view folded_one, std::string_view domain) {
    return hash(domain, hash(folded_one));
}

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

bool is_lower_case_of(std::string_view key, std::string_view text) {
    return key.size() == text.size() &&
           std::equal(key.begin(), key.end(), text.begin(), [](char a, char b) {
               return a == lower(b);
           });
}

// Empty for a catch-all.
std::optional<mail::LocalPart> local_part_of(std::string_view text) {
    if (text.empty()) return mail::LocalPart();
    auto part = mail::LocalPart::from_value(text);
    if (!part) return std::nullopt;
    return std::move(*part);
}

}  // namespace

AddressKey::AddressKey(mail::Mailbox const& address)
    : folded_(address.local_part().key()),
      domain_(address.domain().text()),
      hash_(address_hash(folded_, domain_)) {}

// -- writing -------------------------------------------------------------------------------------

class Encoder {
public:
    explicit Encoder(Codec& codec) : codec_(codec) {}

    std::string encode(resolver::Recipient const& recipient) {
        bool const more = recipient.alternate || !recipient.accept_from.empty() ||
                          !recipient.reject_from.empty() || !recipient.members.empty() ||
                          !recipient.member_addresses.empty() ||
                          !recipient.malformed_members.empty();
        auto const flags = static_cast<unsigned>(recipient.kind) |
                           (recipient.disabled ? disabled_bit : 0) |
                           (recipient.hidden ? hidden_bit : 0) |
                           (recipient.deliver_to_both ? both_bit : 0) | (more ? more_bit : 0);
        out_ += static_cast<char>(flags);
        addresses(recipient.addresses);
        name(recipient.name);
        owned_address(recipient.primary, recipient);
        owned_address(recipient.deliver_as, recipient);
        target(recipient.target);
        append_number(
            out_, recipient.mail_host.empty() ? 0 : word(std::string(recipient.mail_host)) + 1
        );
        if (more) rest(recipient);
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

    Codec& codec_;
    std::string out_;
};

std::string Codec::encode(resolver::Recipient const& recipient) {
    return Encoder(*this).encode(recipient);
}

std::string Codec::encode_no_recipient() {
    return std::string(1, static_cast<char>(RecordKind::no_recipient));
}

// -- reading -------------------------------------------------------------------------------------

class Decoder {
public:
    Decoder(Codec const& codec, Record const& record)
        : codec_(codec), in_(record.octets().substr(1)) {}

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
            entry.key.resize(entry.text.size());
            std::transform(entry.text.begin(), entry.text.end(), entry.key.begin(), lower);
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
        std::string value(in_.text());
        if (!in_.good()) return std::nullopt;
        value += codec_.words_[static_cast<Codec::Words::Id>(upper)];
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
};

namespace {

unsigned flags_of(Record const& record) {
    return static_cast<unsigned char>(record.octets().front());
}

}  // namespace

RecordKind Codec::kind(Record const& record) {
    return static_cast<RecordKind>(flags_of(record) & kind_bits);
}

resolver::Recipient Codec::decode(Record const& record) const {
    return Decoder(*this, record).recipient(flags_of(record));
}

resolver::EntryName Codec::name(Record const& record) const {
    Decoder decoder(*this, record);
    decoder.skip_addresses();
    return decoder.name();
}

std::vector<mail::Mailbox> Codec::addresses(Record const& record) const {
    return Decoder(*this, record).addresses();
}

bool Codec::has_address(Record const& record, AddressKey const& key) const {
    return Decoder(*this, record).any_address([&](Domains::Id domain, std::string_view local_part) {
        return equals_folded(local_part, key.folded_local_part()) &&
               domains_[domain].text() == key.domain();
    });
}

bool Codec::has_name(Record const& record, std::string_view name_key) const {
    Decoder decoder(*this, record);
    decoder.skip_addresses();
    auto const name = decoder.raw_name();
    if (name.key) return *name.key == name_key;
    return name_key.size() == name.rdn.size() + name.upper.size() &&
           is_lower_case_of(name_key.substr(0, name.rdn.size()), name.rdn) &&
           is_lower_case_of(name_key.substr(name.rdn.size()), name.upper);
}

void Codec::address_hashes(Record const& record, std::vector<std::uint64_t>& hashes) const {
    hashes.clear();
    if (kind(record) == RecordKind::no_recipient) return;
    Decoder(*this, record).any_address([&](Domains::Id domain, std::string_view local_part) {
        hashes.push_back(address_hash(folded(local_part), domains_[domain].text()));
        return false;
    });
}

std::uint64_t Codec::name_hash(Record const& record) const {
    Decoder decoder(*this, record);
    decoder.skip_addresses();
    return hash(decoder.name().key);
}

void Codec::domain_ids(Record const& record, std::vector<Domains::Id>& ids) const {
    ids.clear();
    if (kind(record) == RecordKind::no_recipient) return;
    Decoder(*this, record).any_address([&](Domains::Id domain, std::string_view) {
        if (std::find(ids.begin(), ids.end(), domain) == ids.end()) ids.push_back(domain);
        return false;
    });
}

void Codec::append_dictionaries(std::string& octets) const {
    append_number(octets, words_.size());
    for (Words::Id id = 0; id < words_.size(); ++id) append_text(octets, words_[id]);
    append_number(octets, domains_.size());
    for (Domains::Id id = 0; id < domains_.size(); ++id) append_text(octets, domains_[id].text());
}

bool Codec::read_dictionaries(std::string_view octets) {
    Reader in(octets);
    for (auto left = in.number(); left > 0 && in.good(); --left) {
        auto const expected = words_.size();
        if (words_.id_of(std::string(in.text())) != expected) return false;
    }
    for (auto left = in.number(); left > 0 && in.good(); --left) {
        auto const expected = domains_.size();
        auto domain = mail::Domain::parse(in.text());
        if (!domain || domains_.id_of(std::move(*domain)) != expected) return false;
    }
    return in.good();
}

}  // namespace splitmx::directory::copy
