// The names of the attributes and object classes that the built-in profiles speak of, once.
// Compared without regard to case (RFC 4512 2.5).
// Source: recipient.schema in this folder; misc.schema of OpenLDAP; Microsoft's schema references.
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

}  // namespace splitmx::schema::object_class
