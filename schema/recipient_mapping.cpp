#include "schema/recipient_mapping.hpp"

#include "ldap/letter_case.hpp"
#include "schema/address_value.hpp"
#include "schema/attributes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <unordered_set>

namespace splitmx::schema {

namespace {

// "/o=Org/.../cn=Servers/cn=EX1": EX1.
std::string last_common_name(std::string_view value) {
    constexpr std::string_view last_rdn = "/cn=";
    auto const found = ldap::lower_case(value).rfind(last_rdn);
    return std::string(found == std::string::npos ? value : value.substr(found + last_rdn.size()));
}

// "cn=Microsoft MTA,cn=EX1,cn=Servers,cn=Configuration,ou=Site,o=Org": EX1.
std::string server_below(std::string_view value) {
    auto const dn = ldap::Dn::parse(value);
    if (!dn) return "";
    for (auto at = *dn; !at.parent().is_root(); at = at.parent()) {
        if (ldap::equal_no_case(at.parent().naming().value, "Servers")) return at.naming().value;
    }
    return "";
}

// One entry on its way to a recipient.
class Mapper {
public:
    Mapper(Profile const& profile, ldap::Entry const& entry) : profile_(profile), entry_(entry) {}

    Mapping run();

private:
    void remark(RemarkId id, std::string_view attribute, std::string_view value);
    std::optional<std::string_view> single(std::string_view attribute);
    std::optional<resolver::EntryName> name_in(std::string_view attribute);

    bool is_in_case(Condition const& condition) const;
    bool fulfils(Condition const& condition);
    bool fulfils_any(Conditions const& conditions);
    bool is_true(std::string_view attribute);
    bool has_mail_address() const;
    bool is_disabled_by_bit(FlagBit const& flag);
    std::optional<resolver::RecipientKind> kind();

    void read_addresses();
    void add_x500(std::optional<mail::X500Address> address);
    void count_foreign(std::string type);
    void read_use();
    void add_address(std::string_view value, AddressAttribute const& attribute);
    void read_primary();
    void read_target_address();
    void read_deliver_as();
    void read_host();
    void read_switches();
    void read_originators(
        std::vector<std::string> const& attributes, std::vector<resolver::Originator>& to
    );
    void read_members();
    void add_member(std::string_view value, std::string_view attribute);
    void add_member_address(std::string_view value, std::string_view attribute);

    Profile const& profile_;
    ldap::Entry const& entry_;
    resolver::Recipient recipient_;
    std::vector<MappingRemark> remarks_;
    std::unordered_set<std::string> owned_;    // keys of addresses
    std::unordered_set<std::string> members_;  // keys of names and addresses
};

void Mapper::remark(RemarkId id, std::string_view attribute, std::string_view value) {
    if (remarks_.size() == max_remarks) return;
    remarks_.push_back({id, std::string(attribute), to_remark_text(value)});
}

std::optional<std::string_view> Mapper::single(std::string_view attribute) {
    if (attribute.empty()) return std::nullopt;
    auto const values = entry_.values(attribute);
    if (values.empty()) return std::nullopt;
    if (values.size() > 1) remark(RemarkId::several_values, attribute, values.front());
    auto const value = without_blanks(values.front());
    if (value.empty()) return std::nullopt;
    return value;
}

std::optional<resolver::EntryName> Mapper::name_in(std::string_view attribute) {
    auto const value = single(attribute);
    if (!value) return std::nullopt;
    auto const dn = ldap::Dn::parse(*value);
    if (dn && !dn->is_root()) return to_entry_name(*dn);
    remark(RemarkId::malformed_name, attribute, *value);
    return std::nullopt;
}

bool Mapper::is_true(std::string_view attribute) {
    auto const value = single(attribute);
    if (!value || ldap::equal_no_case(*value, "FALSE")) return false;
    if (ldap::equal_no_case(*value, "TRUE")) return true;
    remark(RemarkId::malformed_switch, attribute, *value);
    return false;
}

bool Mapper::has_mail_address() const {
    for (auto const& attribute : profile_.addresses) {
        for (auto const& value : entry_.values(attribute.name)) {
            if (is_mail_type(value, attribute.syntax)) return true;
        }
    }
    return false;
}

// What has to be so beside the condition itself.
bool Mapper::is_in_case(Condition const& condition) const {
    if (!condition.without.empty() && entry_.has(condition.without)) return false;
    if (!condition.with.empty() && !entry_.has(condition.with)) return false;
    if (!condition.several.empty() && entry_.values(condition.several).size() < 2) return false;
    auto const& unless = condition.unless;
    return std::none_of(unless.begin(), unless.end(), [&](std::string const& value) {
        return entry_.has_value_no_case(condition.attribute, value);
    });
}

bool Mapper::fulfils(Condition const& condition) {
    if (!is_in_case(condition)) return false;
    switch (condition.form) {
        case Condition::Form::present:
            return entry_.has(condition.attribute);
        case Condition::Form::equals:
        case Condition::Form::object_class:
            return entry_.has_value_no_case(condition.attribute, condition.value);
        case Condition::Form::is_true:
            return is_true(condition.attribute);
        case Condition::Form::mail_address:
            return has_mail_address();
    }
    return false;
}

bool Mapper::fulfils_any(Conditions const& conditions) {
    return std::any_of(conditions.begin(), conditions.end(), [this](Condition const& condition) {
        return fulfils(condition);
    });
}

std::optional<resolver::RecipientKind> Mapper::kind() {
    if (fulfils_any(profile_.group)) return resolver::RecipientKind::group;
    if (fulfils_any(profile_.custom_recipient)) return resolver::RecipientKind::custom_recipient;
    if (fulfils_any(profile_.mailbox)) return resolver::RecipientKind::mailbox;
    return std::nullopt;
}

// Several are rare, and legacyExchangeDN is often a proxy address, too.
void Mapper::add_x500(std::optional<mail::X500Address> address) {
    if (!address || recipient_.x500_addresses.size() == max_x500_addresses) return;
    auto& all = recipient_.x500_addresses;
    if (std::find(all.begin(), all.end(), *address) == all.end())
        all.push_back(std::move(*address));
}

void Mapper::add_address(std::string_view value, AddressAttribute const& attribute) {
    if (auto x500 = read_x500(value, attribute.syntax)) return add_x500(std::move(x500));
    auto read = read_address(value, attribute.syntax);
    if (auto const* why = std::get_if<RemarkId>(&read)) {
        remark(*why, attribute.name, value);
        if (*why == RemarkId::foreign_type) count_foreign(address_type(value, attribute.syntax));
        return;
    }
    auto& address = std::get<AddressValue>(read);
    if (!address.mailbox.is_ascii()) remark(RemarkId::non_ascii, attribute.name, value);
    if (address.is_primary) {
        if (!recipient_.primary) {
            recipient_.primary = address.mailbox;
        } else if (!(*recipient_.primary == address.mailbox)) {
            remark(RemarkId::several_primaries, attribute.name, value);
        }
    }
    if (owned_.insert(address.mailbox.key()).second) {
        recipient_.addresses.push_back(std::move(address.mailbox));
    }
}

void Mapper::count_foreign(std::string type) {
    auto& all = recipient_.foreign_addresses;
    auto found =
        std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.type == type; });
    if (found == all.end() && all.size() == max_foreign_types) return;
    if (found == all.end()) found = all.insert(all.end(), {std::move(type), 0});
    ++found->count;
}

void Mapper::read_use() {
    auto const value = single(profile_.use);
    if (!value) return;
    auto const found = profile_.uses.find(*value);
    if (found != profile_.uses.end()) recipient_.use = found->second;
}

void Mapper::read_addresses() {
    for (auto const& attribute : profile_.addresses) {
        for (auto const& value : entry_.values(attribute.name)) add_address(value, attribute);
        if (entry_.is_partial(attribute.name)) {
            remark(RemarkId::partial_values, attribute.name, "");
        }
    }
    if (auto const value = single(profile_.x500)) add_x500(mail::X500Address::parse(*value));
}

void Mapper::read_primary() {
    if (recipient_.primary || profile_.primary.empty()) return;
    for (auto const& value : entry_.values(profile_.primary)) {
        auto mailbox = read_originator(value);
        if (mailbox && owned_.contains(mailbox->key())) {
            recipient_.primary = std::move(*mailbox);
            return;
        }
    }
}

void Mapper::read_target_address() {
    if (recipient_.kind != resolver::RecipientKind::custom_recipient) return;
    auto const& attribute =
        entry_.has(profile_.target) ? profile_.target : profile_.target_otherwise;
    if (auto const value = single(attribute)) {
        recipient_.target = read_target(*value);
        auto const& target = recipient_.target;
        if (starts_with_no_case(*value, "mailto:")) {
            remark(RemarkId::mailto_prefix, attribute, *value);
        }
        if (!target || (target->type == "SMTP" && !mail::Mailbox::parse(target->value))) {
            remark(RemarkId::malformed_target, attribute, *value);
        }
    } else if (profile_.target_from_primary && recipient_.primary) {
        recipient_.target = resolver::TargetAddress{"SMTP", recipient_.primary->to_wire()};
    }
}

void Mapper::read_deliver_as() {
    if (recipient_.kind != resolver::RecipientKind::mailbox) return;
    auto const value = single(profile_.deliver_as);
    if (!value) return;
    if (auto mailbox = read_originator(*value)) {
        recipient_.deliver_as = std::move(*mailbox);
    } else {
        remark(RemarkId::malformed_target, profile_.deliver_as, *value);
    }
}

void Mapper::read_host() {
    auto const value = single(profile_.host);
    if (!value) return;
    if (profile_.host_form == HostForm::as_written) {
        recipient_.mail_host = *value;
        return;
    }
    auto const name = profile_.host_form == HostForm::below_servers ? server_below(*value)
                                                                    : last_common_name(*value);
    if (profile_.known_hosts.contains(ldap::lower_case(name))) recipient_.mail_host = name;
}

bool Mapper::is_disabled_by_bit(FlagBit const& flag) {
    auto const value = single(flag.attribute);
    if (!value) return false;
    // Directories show 32 bits as a signed number.
    long long bits = 0;
    auto const* const end = value->data() + value->size();
    auto const [at, error] = std::from_chars(value->data(), end, bits);
    if (error != std::errc{} || at != end) {
        remark(RemarkId::malformed_switch, flag.attribute, *value);
        return false;
    }
    if ((static_cast<unsigned long long>(bits) & flag.mask) == 0) return false;
    return std::none_of(
        flag.except_values.begin(),
        flag.except_values.end(),
        [&](std::string const& except) {
            return entry_.has_value_no_case(flag.except_attribute, except);
        }
    );
}

void Mapper::read_switches() {
    recipient_.disabled = fulfils_any(profile_.disabled) ||
                          (profile_.disabled_bit && is_disabled_by_bit(*profile_.disabled_bit));
    recipient_.hidden = fulfils_any(profile_.hidden);
    recipient_.alternate = name_in(profile_.alternate);
    recipient_.deliver_to_both = fulfils_any(profile_.both);
}

void Mapper::read_originators(
    std::vector<std::string> const& attributes, std::vector<resolver::Originator>& to
) {
    bool malformed = false;
    for (auto const& attribute : attributes) {
        for (auto const& value : entry_.values(attribute)) {
            auto const dn = ldap::Dn::parse(without_blanks(value));
            if (dn && !dn->is_root()) {
                to.emplace_back(to_entry_name(*dn));
            } else if (auto mailbox = read_originator(value)) {
                to.emplace_back(std::move(*mailbox));
            } else {
                malformed = true;
                remark(RemarkId::malformed_name, attribute, value);
            }
        }
        if (entry_.is_partial(attribute)) remark(RemarkId::partial_values, attribute, "");
    }
    // A list in which nothing can be read admits nobody; an empty one would admit everybody. No
    // mail comes from below "invalid" (RFC 6761 6.4).
    if (to.empty() && malformed) {
        to.emplace_back(mail::Mailbox::parse("malformed@restriction.invalid").value());
    }
}

void Mapper::add_member_address(std::string_view value, std::string_view attribute) {
    auto mailbox = read_originator(value);
    if (!mailbox) {
        remark(RemarkId::malformed_name, attribute, value);
        recipient_.malformed_members.push_back(to_remark_text(value));
    } else if (members_.insert(mailbox->key()).second) {
        recipient_.member_addresses.push_back(std::move(*mailbox));
    }
}

void Mapper::add_member(std::string_view value, std::string_view attribute) {
    auto const dn = ldap::Dn::parse(without_blanks(value));
    if (!dn) {
        add_member_address(value, attribute);
        return;
    }
    // The empty name stands for nobody in a class that demands a member.
    if (!dn->is_root() && members_.insert(dn->key()).second) {
        recipient_.members.push_back(to_entry_name(*dn));
    }
}

void Mapper::read_members() {
    if (recipient_.kind != resolver::RecipientKind::group) return;
    for (auto const& attribute : profile_.members) {
        for (auto const& value : entry_.values(attribute)) add_member(value, attribute);
        if (!entry_.is_partial(attribute)) continue;
        remark(RemarkId::partial_values, attribute, "");
        // Without this the members that are missing would get nothing, and nobody would know.
        recipient_.malformed_members.push_back(attribute + ": more members than were read");
    }
    for (auto const& attribute : profile_.member_addresses) {
        for (auto const& value : entry_.values(attribute)) add_member_address(value, attribute);
    }
}

Mapping Mapper::run() {
    auto const found = kind();
    if (!found) {
        return {NotARecipient{"no rule of profile \"" + profile_.name + "\" makes it one"}, {}};
    }
    recipient_.name = to_entry_name(entry_.dn());
    recipient_.kind = *found;
    read_addresses();
    read_primary();
    read_target_address();
    read_deliver_as();
    read_host();
    read_use();
    read_switches();
    read_originators(profile_.accept_from, recipient_.accept_from);
    read_originators(profile_.reject_from, recipient_.reject_from);
    read_members();
    return {std::move(recipient_), std::move(remarks_)};
}

}  // namespace

resolver::EntryName to_entry_name(ldap::Dn const& dn) { return {dn.text(), dn.key()}; }

Mapping map(Profile const& profile, ldap::Entry const& entry) {
    return Mapper(profile, entry).run();
}

}  // namespace splitmx::schema
