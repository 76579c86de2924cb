// The rules by which an address becomes a decision: one enumerator each, with a stable id, a
// meaning and its source. Every step of a trace names one; golden rows and docs/routing.md cover
// each of them. Threads: constants.
#pragma once

#include <span>
#include <string_view>

namespace splitmx::resolver {

enum class Rule {
    bad_address,
    domain_inbound,
    domain_reroute,
    domain_relay,
    domain_always_relay,
    domain_unlisted,
    domain_own_literal,
    reroute_fix_point,
    reroute_cycle,
    relay_denied_client,
    relay_allowed_client,
    relay_local_address,
    relay_authenticated,
    relay_closed,
    directory_none,
    directory_one,
    directory_many,
    directory_unavailable,
    directory_subaddress,
    directory_catch_all,
    directory_x500,
    directory_x500_none,
    unknown_reject,
    unknown_ndr,
    unknown_forward,
    unknown_forward_nowhere,
    postmaster_own_name,
    postmaster_entry,
    postmaster_default,
    entry_disabled,
    entry_hidden,
    accept_from,
    reject_from,
    mailbox_own_host,
    mailbox_default_host,
    mailbox_without_host,
    alternate_only,
    alternate_and_mailbox,
    alternate_missing,
    alternate_cycle,
    target_missing,
    target_malformed,
    target_foreign_type,
    target_is_mailbox,
    target_by_host,
    target_followed,
    target_outbound,
    target_loop,
    group_expand,
    group_member_failed,
    group_member_again,
    group_too_deep,
    group_too_large,
    group_nobody,
    host_of_domain,
    host_outbound,
    host_mx,
    host_literal,
    host_unusable,
    next_hop_self,
    ping_pong,
};

struct RuleInfo {
    Rule rule;
    std::string_view id;       // "domain.inbound"
    std::string_view meaning;  // one sentence for an administrator
    std::string_view source;   // articles or RFC sections
};

std::span<RuleInfo const> all_rules();
RuleInfo const& info(Rule rule);
std::string_view to_id(Rule rule);

}  // namespace splitmx::resolver
