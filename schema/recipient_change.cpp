#include "schema/recipient_change.hpp"

#include "schema/address_place.hpp"
#include "schema/attributes.hpp"
#include "schema/entry_draft.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::schema {

namespace {

using ldap::Modification;
using Operation = Modification::Operation;
using resolver::RecipientKind;

std::string_view to_word(RecipientKind kind) {
    switch (kind) {
        case RecipientKind::mailbox:
            return "a mailbox";
        case RecipientKind::custom_recipient:
            return "a custom recipient";
        case RecipientKind::group:
            break;
    }
    return "a group";
}

Conditions const& conditions_of(Profile const& profile, RecipientKind kind) {
    switch (kind) {
        case RecipientKind::mailbox:
            return profile.mailbox;
        case RecipientKind::custom_recipient:
            return profile.custom_recipient;
        case RecipientKind::group:
            break;
    }
    return profile.group;
}

std::string const* class_in(Conditions const& conditions) {
    for (auto const& condition : conditions) {
        if (condition.form == Condition::Form::object_class) return &condition.value;
    }
    return nullptr;
}

mail::Error impossible(Profile const& profile, std::string why) {
    return mail::Error{fmt::format("profile \"{}\": {}", profile.name, why), 0};
}

// One entry on its way from one kind to another.
class Conversion {
public:
    Conversion(Profile const& profile, ldap::Entry const& entry, RecipientWish const& wish)
        : profile_(profile), wish_(wish), draft_(entry) {}

    mail::Result<ldap::ModifyEntry> run();

private:
    void leave(Conditions const& conditions);
    void take_kind();
    void take_class();
    void take_target();
    void take_host();
    void take_addresses();
    std::string spelled(mail::Mailbox const& address, AddressSyntax syntax, bool primary) const;
    void fail(std::string why) {
        if (why_.empty()) why_ = std::move(why);
    }
    mail::Result<ldap::ModifyEntry> verified();

    Profile const& profile_;
    RecipientWish const& wish_;
    EntryDraft draft_;
    std::string why_;  // it cannot be done
};

// Whatever makes it another kind goes. A class that is structural cannot go (RFC 4512 2.4.2).
void Conversion::leave(Conditions const& conditions) {
    for (auto const& condition : conditions) {
        switch (condition.form) {
            case Condition::Form::present:
            case Condition::Form::is_true:
                draft_.remove(condition.attribute);
                break;
            case Condition::Form::equals:
                draft_.remove_value(condition.attribute, condition.value);
                break;
            case Condition::Form::object_class:
                if (!draft_.has_value(attribute::object_class, condition.value)) break;
                if (is_structural(condition.value)) {
                    fail(fmt::format(
                        "an entry of class {} cannot become {}: no server changes that class; add "
                        "a new entry and remove this one",
                        condition.value,
                        to_word(wish_.kind)
                    ));
                    break;
                }
                draft_.remove_value(attribute::object_class, condition.value);
                break;
            case Condition::Form::mail_address:
                break;  // its addresses stay
        }
    }
}

// The class that lets the entry have the attributes of its kind.
void Conversion::take_class() {
    auto const* wanted = class_in(conditions_of(profile_, wish_.kind));
    for (auto const other : {RecipientKind::mailbox, RecipientKind::custom_recipient}) {
        auto const* name = class_in(conditions_of(profile_, other));
        if (other == wish_.kind || name == nullptr) continue;
        if (wanted == nullptr) {
            // One class for both kinds, as in LASER; a structural one comes with the entry.
            if (!is_structural(*name)) draft_.add_value(attribute::object_class, *name);
        } else if (!is_structural(*name)) {
            draft_.remove_value(attribute::object_class, *name);
        }
    }
    if (wanted != nullptr && !is_structural(*wanted)) {
        draft_.add_value(attribute::object_class, *wanted);
    }
}

void Conversion::take_kind() {
    leave(profile_.group);
    if (wish_.kind == RecipientKind::mailbox) leave(profile_.custom_recipient);
    take_class();
    auto const& conditions = conditions_of(profile_, wish_.kind);
    if (conditions.empty() || class_in(conditions) != nullptr) return;
    // One of them is enough; a target or an address fulfils it by being there.
    auto const& condition = conditions.front();
    if (condition.form == Condition::Form::equals) {
        for (auto const& other : profile_.mailbox) {
            // A type that says two things at once would say the first of them.
            bool const same = ldap::equal_no_case(other.attribute, condition.attribute) &&
                              other.form == Condition::Form::equals;
            if (same) draft_.remove_value(other.attribute, other.value);
        }
        draft_.add_value(condition.attribute, condition.value);
    } else if (condition.form == Condition::Form::is_true) {
        draft_.set(condition.attribute, "TRUE");
    }
}

void Conversion::take_target() {
    if (profile_.target.empty()) {
        if (wish_.target) fail("it has no attribute for a target");
        return;
    }
    if (wish_.kind == RecipientKind::mailbox) {
        draft_.remove(profile_.target);
        return;
    }
    if (!wish_.target) {
        fail("a custom recipient needs a target");
        return;
    }
    auto const& target = *wish_.target;
    bool const plain = target.type == "SMTP" && !profile_.target_typed;
    draft_.set(profile_.target, plain ? target.value : target.type + ":" + target.value);
}

void Conversion::take_host() {
    if (profile_.host.empty() || profile_.host_form != HostForm::as_written) {
        if (!wish_.host.empty()) fail("it has no attribute for the host of a mailbox to write to");
        return;
    }
    if (wish_.kind != RecipientKind::mailbox) {
        draft_.remove(profile_.host);
    } else if (!wish_.host.empty()) {
        draft_.set(profile_.host, wish_.host);
    }
}

std::string Conversion::spelled(mail::Mailbox const& address, AddressSyntax syntax, bool primary)
    const {
    auto const text = address.to_wire();
    switch (syntax) {
        case AddressSyntax::plain:
            break;
        case AddressSyntax::smtp_prefix:
            return (primary ? "SMTP:" : "smtp:") + text;
        case AddressSyntax::smtp_dollar:
            return "smtp$" + text;
    }
    return text;
}

void Conversion::take_addresses() {
    if (wish_.new_addresses.empty()) return;
    if (profile_.addresses.empty()) return fail("it has no attribute for addresses");
    auto const mapped = map(profile_, draft_.entry());
    auto const* present = mapped.recipient();
    bool needs_primary = !present || !present->primary;
    auto const& attribute = profile_.addresses.front();
    for (auto const& address : wish_.new_addresses) {
        draft_.add_value(attribute.name, spelled(address, attribute.syntax, needs_primary));
        bool const apart = !ldap::equal_no_case(profile_.primary, attribute.name);
        if (needs_primary && !profile_.primary.empty() && apart) {
            draft_.set(profile_.primary, address.to_wire());
        }
        needs_primary = false;
    }
}

mail::Result<ldap::ModifyEntry> Conversion::verified() {
    auto const mapped = map(profile_, draft_.entry());
    auto const* became = mapped.recipient();
    if (!became || became->kind != wish_.kind) {
        return impossible(
            profile_,
            fmt::format(
                "no change of attributes makes {} of this entry; it would be {}",
                to_word(wish_.kind),
                became ? to_word(became->kind) : "no recipient"
            )
        );
    }
    for (auto const& address : wish_.new_addresses) {
        auto const& all = became->addresses;
        if (std::find(all.begin(), all.end(), address) != all.end()) continue;
        return impossible(profile_, fmt::format("{} cannot be written", address.to_log()));
    }
    auto change = draft_.change();
    if (change.modifications.empty()) {
        return mail::Error{fmt::format("{} is that already", draft_.entry().dn().text()), 0};
    }
    return change;
}

mail::Result<ldap::ModifyEntry> Conversion::run() {
    if (wish_.kind != RecipientKind::mailbox && profile_.deliver_as != profile_.target) {
        draft_.remove(profile_.deliver_as);
    }
    take_kind();
    take_target();
    take_host();
    take_addresses();
    if (!why_.empty()) return impossible(profile_, why_);
    return verified();
}

}  // namespace

mail::Result<ldap::ModifyEntry> change_into(
    Profile const& profile, ldap::Entry const& entry, RecipientWish const& wish
) {
    return Conversion(profile, entry, wish).run();
}

mail::Result<ldap::AddEntry> new_entry(
    Profile const& profile,
    ldap::Dn const& dn,
    PersonName const& name,
    RecipientWish const& wish
) {
    ldap::Entry bare(dn);
    if (profile.name == "activedirectory") {
        if (wish.kind == RecipientKind::mailbox) {
            return impossible(
                profile,
                "an account is made by the tools of Active Directory; then --dn names it, and it "
                "gets its address"
            );
        }
        bare.add(attribute::object_class, {"top", "person", "organizationalPerson", "contact"});
        bare.add("cn", name.common_name);
    } else {
        bare.add(attribute::object_class, std::string("inetOrgPerson"));
        bare.add("cn", name.common_name);
        auto const blank = name.common_name.rfind(' ');
        auto const last = name.common_name.substr(blank == std::string::npos ? 0 : blank + 1);
        bare.add("sn", name.surname.empty() ? last : name.surname);
    }
    // The name of an entry is one of its values (RFC 4512 2.3.1).
    auto const naming = dn.naming();
    if (!bare.has_value_no_case(naming.attribute, naming.value)) {
        bare.add(naming.attribute, naming.value);
    }
    auto const change = change_into(profile, bare, wish);
    if (!change) return change.error();
    auto const entry = ldap::apply(*change, bare);
    if (!entry) return mail::Error{entry.error().what, 0};
    return ldap::AddEntry{*entry};
}

mail::Result<ldap::ModifyEntry> without_address(
    Profile const& profile, ldap::Entry const& entry, mail::Mailbox const& address
) {
    EntryDraft draft(entry);
    for (auto const& place : places_of(profile, entry, address)) {
        draft.remove_value(place.attribute, place.value);
    }
    auto change = draft.change();
    if (change.modifications.empty()) {
        return mail::Error{
            fmt::format("{} does not have {}", entry.dn().text(), address.to_log()), 0};
    }
    return change;
}

mail::Result<ldap::ModifyEntry> without_member(
    Profile const& profile, ldap::Entry const& entry, resolver::EntryName const& member
) {
    EntryDraft draft(entry);
    for (auto const& place : member_places(profile, entry, member)) {
        if (entry.values(place.attribute).size() == 1) {
            return mail::Error{
                fmt::format("{} would have no {} left", entry.dn().text(), place.attribute), 0};
        }
        draft.remove_value(place.attribute, place.value);
    }
    auto change = draft.change();
    if (change.modifications.empty()) {
        return mail::Error{fmt::format("{} is no member of {}", member.text, entry.dn().text()), 0};
    }
    return change;
}

}  // namespace splitmx::schema
