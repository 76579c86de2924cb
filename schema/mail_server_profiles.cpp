// Directories that came with mail servers, and the plain one.
// Source: 50ns-mail.ldif of 389 Directory Server; Sun's Messaging Server Schema Reference (mailUserStatus,
// mailDeliveryOption); qmail-ldap's QLDAPINSTALL (accountStatus, deliveryMode); the attribute list of
// Exchange Server 5.5's SDK.
#include "schema/attributes.hpp"
#include "schema/built_in_profiles.hpp"

namespace splitmx::schema {

namespace {

// Forwarded, and kept nowhere: `kept` are the values that say it is.
Condition only_forwarded(std::vector<std::string> kept) {
    auto condition = equals(attribute::mail_delivery_option, "forward");
    condition.unless = std::move(kept);
    return condition;
}

// To several addresses: then it is a group, or all but the first would get nothing.
Condition to_several(Condition condition) {
    condition.several = attribute::mail_forwarding_address;
    return condition;
}

Condition forwarded_by(std::string value) {
    auto condition = equals(attribute::delivery_mode, std::move(value));
    condition.with = attribute::mail_forwarding_address;
    return condition;
}

void take_groups_of_netscape(Profile& profile) {
    profile.accept_from = {attribute::allowed_broadcaster};
    profile.members = {attribute::unique_member, attribute::member};
    profile.member_addresses = {
        attribute::group_member_address, attribute::mail_forwarding_address};
}

}  // namespace

Profile netscape() {
    Profile profile;
    profile.name = "netscape";
    profile.filter = any_class({object_class::mail_recipient, object_class::mail_group});
    profile.addresses = {
        {attribute::mail, AddressSyntax::plain},
        {attribute::mail_alternate_address, AddressSyntax::plain},
    };
    profile.primary = attribute::mail;
    profile.custom_recipient = {
        only_forwarded({"mailbox"}), present(attribute::mail_routing_address, attribute::mail_host)};
    profile.group = {
        has_class(object_class::mail_group), to_several(profile.custom_recipient.front())};
    profile.mailbox = {has_class(object_class::mail_recipient)};
    profile.target = attribute::mail_forwarding_address;
    profile.target_otherwise = attribute::mail_routing_address;
    profile.host = attribute::mail_host;
    profile.deliver_as = attribute::mail_routing_address;
    profile.disabled = {is_true(attribute::account_lock)};
    take_groups_of_netscape(profile);
    return profile;
}

// "hold" is for the host: it keeps what comes. "overquota" is, too. Whoever is not active in another
// way gets nothing; the status of the person counts before that of the mailbox.
Profile sun() {
    Profile profile;
    profile.name = "sun";
    profile.filter = any_class({object_class::inet_mail_user, object_class::inet_mail_group});
    profile.addresses = {
        {attribute::mail, AddressSyntax::plain},
        {attribute::mail_alternate_address, AddressSyntax::plain},
        {attribute::mail_equivalent_address, AddressSyntax::plain},
    };
    profile.primary = attribute::mail;
    profile.custom_recipient = {only_forwarded({"mailbox", "native", "unix", "program", "hold"})};
    profile.group = {
        has_class(object_class::inet_mail_group), to_several(profile.custom_recipient.front())};
    profile.mailbox = {has_class(object_class::inet_mail_user)};
    profile.target = attribute::mail_forwarding_address;
    profile.host = attribute::mail_host;
    for (auto const* status :
         {attribute::inet_user_status,
          attribute::mail_user_status,
          attribute::inet_mail_group_status}) {
        for (auto const* value : {"inactive", "disabled", "deleted", "removed"}) {
            profile.disabled.push_back(equals(status, value));
        }
    }
    take_groups_of_netscape(profile);
    return profile;
}

// "noaccess" may not read its mail, but gets it.
Profile qmail() {
    Profile profile;
    profile.name = "qmail";
    profile.filter = any_class({object_class::qmail_user, object_class::qmail_group});
    profile.addresses = {
        {attribute::mail, AddressSyntax::plain},
        {attribute::mail_alternate_address, AddressSyntax::plain},
    };
    profile.primary = attribute::mail;
    profile.custom_recipient = {
        equals(attribute::delivery_mode, "forwardonly"),
        forwarded_by("nolocal"),
        forwarded_by("nombox")};
    profile.group = {has_class(object_class::qmail_group)};
    for (auto const& condition : profile.custom_recipient) {
        profile.group.push_back(to_several(condition));
    }
    profile.mailbox = {has_class(object_class::qmail_user)};
    profile.target = attribute::mail_forwarding_address;
    profile.host = attribute::mail_host;
    profile.disabled = {
        equals(attribute::account_status, "disabled"), equals(attribute::account_status, "deleted")};
    profile.members = {attribute::dn_member};
    profile.member_addresses = {attribute::rfc822_member, attribute::mail_forwarding_address};
    return profile;
}

Profile exchange55() {
    Profile profile;
    profile.name = "exchange55";
    profile.filter = any_class(
        {object_class::organizational_person,
         object_class::remote_address,
         object_class::group_of_names}
    );
    profile.addresses = {
        {attribute::mail, AddressSyntax::plain},
        {attribute::rfc822_mailbox, AddressSyntax::plain},
        {attribute::other_mailbox, AddressSyntax::smtp_dollar},
    };
    profile.primary = attribute::mail;
    profile.group = {has_class(object_class::group_of_names)};
    profile.custom_recipient = {
        present(attribute::e55_target_address), has_class(object_class::remote_address)};
    profile.mailbox = {{Condition::Form::mail_address}};
    profile.target = attribute::e55_target_address;
    profile.target_typed = true;
    profile.host = attribute::e55_home_mta;
    profile.host_form = HostForm::below_servers;
    profile.hidden = {is_true(attribute::e55_hide)};
    profile.alternate = attribute::e55_alt_recipient;
    profile.both = {is_true(attribute::e55_deliver_and_redirect)};
    profile.accept_from = {attribute::e55_auth_orig, attribute::e55_submit_perms};
    profile.reject_from = {attribute::e55_unauth_orig, attribute::e55_reject_perms};
    profile.members = {attribute::member};
    return profile;
}

Profile inetorgperson() {
    Profile profile;
    profile.name = "inetorgperson";
    profile.filter = ldap::Filter::present(attribute::mail);
    profile.addresses = {
        {attribute::mail, AddressSyntax::plain},
        {attribute::mail_alternate_address, AddressSyntax::plain},
        {attribute::mail_alias, AddressSyntax::plain},
    };
    profile.primary = attribute::mail;
    profile.group = {
        has_class(object_class::group_of_names), has_class(object_class::group_of_unique_names)};
    profile.mailbox = {present(attribute::mail)};
    profile.host = attribute::mail_host;
    profile.members = {attribute::member, attribute::unique_member};
    return profile;
}

}  // namespace splitmx::schema
