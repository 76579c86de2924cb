#include "directory/copy/record.hpp"

#include "directory/copy/octets.hpp"
#include "directory/copy/record_decoder.hpp"
#include "directory/copy/record_form.hpp"

#include <algorithm>

namespace splitmx::directory::copy {

AddressKey::AddressKey(mail::Mailbox const& address)
    : folded_(address.local_part().key()),
      domain_(address.domain().text()),
      hash_(address_hash(folded_, domain_)) {}

X500Key::X500Key(mail::X500Address const& address) : key_(address.key()), hash_(x500_hash(key_)) {}

namespace {

// By the dictionary's part and the record's own.
std::string x500_key(std::string_view upper, std::string_view last) {
    std::string text;
    text.reserve(upper.size() + last.size());
    text.append(upper).append(last);
    return mail::fold_case(text);
}

unsigned flags_of(Record const& record) {
    return static_cast<unsigned char>(record.octets().front());
}

}  // namespace

RecordKind Codec::kind(Record const& record) {
    return static_cast<RecordKind>(flags_of(record) & kind_bits);
}

std::optional<Codec::Extras> Codec::extras(Record const& record) const {
    if ((flags_of(record) & extras_bit) == 0) return std::nullopt;
    Decoder const decoder(*this, record);
    return Extras{decoder.use(), decoder.foreign_addresses()};
}

resolver::Recipient Codec::decode(Record const& record) const {
    return Decoder(*this, record).recipient(flags_of(record));
}

std::vector<schema::MappingRemark> Codec::remarks(Record const& record) const {
    auto const flags = flags_of(record);
    if ((flags & remarks_bit) == 0) return {};
    Decoder decoder(*this, record);
    (void)decoder.recipient(flags);
    return decoder.remarks();
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

bool Codec::has_address(Record const& record, X500Key const& key) const {
    return Decoder(*this, record).any_x500([&](std::string_view upper, std::string_view last) {
        return x500_key(upper, last) == key.text();
    });
}

bool Codec::has_addresses(Record const& record) const {
    if (kind(record) == RecordKind::no_recipient) return false;
    return Decoder(*this, record).any_address([](Domains::Id, std::string_view) { return true; });
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
    Decoder decoder(*this, record);
    decoder.any_address([&](Domains::Id domain, std::string_view local_part) {
        hashes.push_back(address_hash(folded(local_part), domains_[domain].text()));
        return false;
    });
    decoder.any_x500([&](std::string_view upper, std::string_view last) {
        hashes.push_back(x500_hash(x500_key(upper, last)));
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
