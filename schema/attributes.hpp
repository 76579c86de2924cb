// The names of the attributes and object classes that the built-in profiles speak of, once.
// Compared without regard to case (RFC 4512 2.5).
// Source: recipient.schema in this folder; misc.schema of OpenLDAP; 50ns-mail.ldif of 389; Microsoft's
// schema references; qmail-ldap's QLDAPINSTALL.
#pragma once

namespace splitmx::schema::attribute {

inline constexpr char object_class[] = "objectClass";
inline constexpr char mail[] = "mail";  // RFC 4524 2.16
inline constexpr char member[] = "member";

// recipient.schema
inline constexpr char splitmx_address[] = "splitmxAddress";
inline constexpr char splitmx_primary_address[] = "splitmxPrimaryAddress";
inline constexpr char splitmx_target_address[] = "splitmxTargetAddress";
inline constexpr char splitmx_mail_host[] = "splitmxMailHost";
inline constexpr char splitmx_disabled[] = "splitmxDisabled";
inline constexpr char splitmx_hidden[] = "splitmxHidden";
inline constexpr char splitmx_alternate_recipient[] = "splitmxAlternateRecipient";
inline constexpr char splitmx_deliver_to_both[] = "splitmxDeliverToBoth";
inline constexpr char splitmx_accept_from[] = "splitmxAcceptFrom";
inline constexpr char splitmx_reject_from[] = "splitmxRejectFrom";
inline constexpr char splitmx_member_address[] = "splitmxMemberAddress";

// misc.schema
inline constexpr char mail_local_address[] = "mailLocalAddress";
inline constexpr char mail_routing_address[] = "mailRoutingAddress";
inline constexpr char mail_host[] = "mailHost";

// Active Directory, the last ones with Exchange's extension only
inline constexpr char proxy_addresses[] = "proxyAddresses";
inline constexpr char legacy_exchange_dn[] = "legacyExchangeDN";
inline constexpr char user_account_control[] = "userAccountControl";
inline constexpr char target_address[] = "targetAddress";
inline constexpr char recipient_type_details[] = "msExchRecipientTypeDetails";
inline constexpr char home_server_name[] = "msExchHomeServerName";
inline constexpr char hide_from_address_lists[] = "msExchHideFromAddressLists";
inline constexpr char alt_recipient[] = "altRecipient";
inline constexpr char deliver_and_redirect[] = "deliverAndRedirect";
inline constexpr char auth_orig[] = "authOrig";
inline constexpr char unauth_orig[] = "unauthOrig";
inline constexpr char submit_perms[] = "dLMemSubmitPerms";
inline constexpr char reject_perms[] = "dLMemRejectPerms";

// Netscape, iPlanet, Sun; of 389's 50ns-mail.ldif and Sun's Schema 1
inline constexpr char mail_alternate_address[] = "mailAlternateAddress";
inline constexpr char mail_equivalent_address[] = "mailEquivalentAddress";
inline constexpr char mail_forwarding_address[] = "mailForwardingAddress";
inline constexpr char mail_delivery_option[] = "mailDeliveryOption";
inline constexpr char mail_user_status[] = "mailUserStatus";
inline constexpr char inet_user_status[] = "inetUserStatus";
inline constexpr char inet_mail_group_status[] = "inetMailGroupStatus";
inline constexpr char account_lock[] = "nsAccountLock";  // operational: asked for by name
inline constexpr char group_member_address[] = "mgrpRFC822MailMember";
inline constexpr char allowed_broadcaster[] = "mgrpAllowedBroadcaster";
inline constexpr char unique_member[] = "uniqueMember";

// qmail-ldap
inline constexpr char delivery_mode[] = "deliveryMode";
inline constexpr char account_status[] = "accountStatus";
inline constexpr char dn_member[] = "dnMember";
inline constexpr char rfc822_member[] = "rfc822Member";

// Exchange 5.5, as its LDAP server names them
inline constexpr char rfc822_mailbox[] = "rfc822Mailbox";
inline constexpr char other_mailbox[] = "otherMailbox";
inline constexpr char e55_target_address[] = "Target-Address";
inline constexpr char e55_home_mta[] = "Home-MTA";
inline constexpr char e55_hide[] = "Hide-From-Address-Book";
inline constexpr char e55_alt_recipient[] = "Alt-Recipient";
inline constexpr char e55_deliver_and_redirect[] = "Deliver-And-Redirect";
inline constexpr char e55_auth_orig[] = "Auth-Orig";
inline constexpr char e55_unauth_orig[] = "Unauth-Orig";
inline constexpr char e55_submit_perms[] = "DL-Mem-Submit-Perms";
inline constexpr char e55_reject_perms[] = "DL-Mem-Reject-Perms";

inline constexpr char mail_alias[] = "mailAlias";  // postfix-book and others

}  // namespace splitmx::schema::attribute

namespace splitmx::schema::object_class {

inline constexpr char splitmx_mailbox[] = "splitmxMailbox";
inline constexpr char splitmx_custom_recipient[] = "splitmxCustomRecipient";
inline constexpr char splitmx_group[] = "splitmxGroup";
inline constexpr char local_mail_recipient[] = "inetLocalMailRecipient";
inline constexpr char group_of_names[] = "groupOfNames";
inline constexpr char user[] = "user";
inline constexpr char contact[] = "contact";
inline constexpr char group[] = "group";
inline constexpr char mail_recipient[] = "mailRecipient";
inline constexpr char mail_group[] = "mailGroup";
inline constexpr char inet_mail_user[] = "inetMailUser";
inline constexpr char inet_mail_group[] = "inetMailGroup";
inline constexpr char qmail_user[] = "qmailUser";
inline constexpr char qmail_group[] = "qmailGroup";
inline constexpr char organizational_person[] = "organizationalPerson";
inline constexpr char remote_address[] = "remote-address";
inline constexpr char group_of_unique_names[] = "groupOfUniqueNames";

}  // namespace splitmx::schema::object_class
