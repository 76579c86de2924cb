#include "schema/profile.hpp"

#include "ldap/entry.hpp"
#include "schema/attributes.hpp"
#include "schema/built_in_profiles.hpp"

#include <algorithm>
#include <array>

namespace splitmx::schema {

Condition has_class(std::string name) {
    return {Condition::Form::object_class, attribute::object_class, std::move(name)};
}

Condition present(std::string name, std::string without) {
    return {Condition::Form::present, std::move(name), "", std::move(without)};
}

Condition equals(std::string name, std::string value) {
    return {Condition::Form::equals, std::move(name), std::move(value)};
}

Condition is_true(std::string name) { return {Condition::Form::is_true, std::move(name)}; }

ldap::Filter any_class(std::vector<std::string> const& names) {
    std::vector<ldap::Filter> classes;
    for (auto const& name : names) {
        classes.push_back(ldap::Filter::equal(attribute::object_class, name));
    }
    return ldap::Filter::any_of(classes);
}

Profile own_schema() {
    Profile profile;
    profile.name = "splitmx";
    profile.filter = any_class(
        {object_class::splitmx_mailbox,
         object_class::splitmx_custom_recipient,
         object_class::splitmx_group}
    );
    profile.addresses = {
        {attribute::splitmx_address, AddressSyntax::plain},
        {attribute::splitmx_primary_address, AddressSyntax::plain},
    };
    profile.primary = attribute::splitmx_primary_address;
    profile.group = {has_class(object_class::splitmx_group)};
    profile.custom_recipient = {has_class(object_class::splitmx_custom_recipient)};
    profile.mailbox = {has_class(object_class::splitmx_mailbox)};
    profile.target = attribute::splitmx_target_address;
    profile.target_typed = true;
    profile.host = attribute::splitmx_mail_host;
    profile.disabled = {is_true(attribute::splitmx_disabled)};
    profile.hidden = {is_true(attribute::splitmx_hidden)};
    profile.alternate = attribute::splitmx_alternate_recipient;
    profile.both = {is_true(attribute::splitmx_deliver_to_both)};
    profile.accept_from = {attribute::splitmx_accept_from};
    profile.reject_from = {attribute::splitmx_reject_from};
    profile.members = {attribute::member};
    profile.member_addresses = {attribute::splitmx_member_address};
    return profile;
}

// LASER as OpenLDAP's misc.schema has it. A routing address alone makes a custom recipient, even if
// it is the entry's own address: that is a user of the other system in a shared domain (Q258203).
// Beside a host it is the name under which that host knows the mailbox.
Profile laser() {
    Profile profile;
    profile.name = "laser";
    profile.filter = any_class({object_class::local_mail_recipient, object_class::group_of_names});
    profile.addresses = {{attribute::mail_local_address, AddressSyntax::plain}};
    profile.primary = attribute::mail;
    profile.group = {has_class(object_class::group_of_names)};
    profile.custom_recipient = {present(attribute::mail_routing_address, attribute::mail_host)};
    profile.mailbox = {has_class(object_class::local_mail_recipient)};
    profile.target = attribute::mail_routing_address;
    profile.host = attribute::mail_host;
    profile.deliver_as = attribute::mail_routing_address;
    profile.members = {attribute::member};
    return profile;
}

namespace {

// Types of msExchRecipientTypeDetails whose account is always disabled: linked, shared, room and
// equipment mailbox, and the last three in the cloud.
std::vector<std::string> mailboxes_of_disabled_accounts() {
    return {"2", "4", "16", "32", "34359738368", "8589934592", "17179869184"};
}

// Of msExchRecipientTypeDetails.
std::map<std::string, resolver::MailboxUse, std::less<>> uses_of_exchange() {
    using enum resolver::MailboxUse;
    return {
        {"2", linked},
        {"4", shared},
        {"16", room},
        {"32", equipment},
        {"2147483648", remote},    // of a user
        {"8589934592", remote},    // of a room
        {"17179869184", remote},   // of equipment
        {"34359738368", remote}};  // shared
}

}  // namespace

// With or without Exchange's extension.
Profile active_directory() {
    Profile profile;
    profile.name = "activedirectory";
    profile.filter = any_class({object_class::user, object_class::contact, object_class::group});
    profile.addresses = {
        {attribute::proxy_addresses, AddressSyntax::smtp_prefix},
        {attribute::mail, AddressSyntax::plain},
    };
    profile.x500 = attribute::legacy_exchange_dn;
    profile.primary = attribute::mail;
    profile.group = {has_class(object_class::group)};
    profile.custom_recipient = {
        present(attribute::target_address), has_class(object_class::contact)};
    profile.mailbox = {{Condition::Form::mail_address}};
    profile.target = attribute::target_address;
    profile.target_typed = true;
    profile.target_from_primary = true;
    profile.host = attribute::home_server_name;
    profile.host_form = HostForm::last_common_name;
    profile.use = attribute::recipient_type_details;
    profile.uses = uses_of_exchange();
    profile.disabled_bit = FlagBit{
        attribute::user_account_control,
        2,
        attribute::recipient_type_details,
        mailboxes_of_disabled_accounts()};
    profile.hidden = {is_true(attribute::hide_from_address_lists)};
    profile.alternate = attribute::alt_recipient;
    profile.both = {is_true(attribute::deliver_and_redirect)};
    profile.accept_from = {attribute::auth_orig, attribute::submit_perms};
    profile.reject_from = {attribute::unauth_orig, attribute::reject_perms};
    profile.members = {attribute::member};
    return profile;
}

namespace {

// In the order in which a probe prefers them, of equals.
std::array<Profile, 8> const& built_in() {
    static std::array<Profile, 8> const profiles = {
        own_schema(),
        laser(),
        active_directory(),
        netscape(),
        sun(),
        qmail(),
        inetorgperson(),
        exchange55()};
    return profiles;
}

}  // namespace

Profile const* find_profile(std::string_view name) {
    auto const& profiles = built_in();
    auto const found = std::find_if(profiles.begin(), profiles.end(), [&](Profile const& profile) {
        return profile.name == name;
    });
    return found == profiles.end() ? nullptr : &*found;
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (auto const& profile : built_in()) names.push_back(profile.name);
    names.emplace_back("custom");
    return names;
}

}  // namespace splitmx::schema
