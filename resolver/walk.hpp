// One pass over the rules for one recipient. Internal to the resolver: `resolve` is its door.
// The pass goes on where a lookup is missing, to gather all lookups of that stage at once.
#pragma once

#include "resolver/decision.hpp"
#include "resolver/directory.hpp"
#include "resolver/outcome.hpp"
#include "resolver/resolve.hpp"
#include "resolver/routing_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace splitmx::resolver {

class Walk {
public:
    Walk(Query const& query, RoutingTable const& table, Directory const& directory)
        : query_(query), table_(table), directory_(directory) {}

    Resolution run();

private:
    enum class Permission { asked, granted };  // granted: a rule or an entry has led here

    // acceptance.cpp: domains
    Outcome by_domain(mail::Mailbox const& address, Permission permission);
    Outcome by_rule(
        mail::Mailbox const& address, AcceptanceRule const* rule, Permission permission
    );
    Outcome relay(mail::Mailbox const& address, Permission permission);
    Outcome by_directory(mail::Mailbox const& address, Inbound const& modes);
    Outcome unknown(mail::Mailbox const& address, UnknownMode mode);
    // Who has the address, or the one it stands for; with the address that counts from here on.
    struct LookedUp {
        Answer answer;
        mail::Mailbox address;
        bool by_x500 = false;  // no host knows the address: the entry's own one counts

        mail::Mailbox const* addressed_as() const { return by_x500 ? nullptr : &address; }
    };
    LookedUp look_up(mail::Mailbox const& address);
    LookedUp look_up_address(mail::Mailbox const& address);
    LookedUp look_up_x500(mail::Mailbox const& address, mail::X500Address const& x500);
    LookedUp look_up_catch_all(mail::Mailbox const& address);
    std::optional<mail::Mailbox> without_subaddress(mail::Mailbox const& address) const;
    Outcome ambiguous(AmbiguousMode mode);
    AcceptanceRule const* find_rule(mail::Domain const& domain);
    bool is_own_literal(mail::Domain const& domain) const;
    // How a domain that the rule covers, or that no rule does, is ours. Null: it is not.
    Inbound const* inbound_of(AcceptanceRule const* rule, mail::Domain const& domain) const;
    struct Rerouted {
        enum class End { elsewhere, fix_point, cycle } end;
        mail::Mailbox address;
        AcceptanceRule const* rule;  // the rule at the end; null where none covers it
    };
    Rerouted follow_reroutes(mail::Mailbox address);

    // postmaster.cpp
    Outcome postmaster(mail::ForwardPath const& typed);
    bool is_own_postmaster(mail::Mailbox const& address) const;
    Outcome own_postmaster(mail::Mailbox const& address);
    std::optional<Outcome> configured_postmaster(mail::ForwardPath const& typed);
    Outcome default_postmaster(mail::ForwardPath const& typed);

    // entries.cpp: what the directory found
    Outcome by_entry(RecipientPtr const& entry, mail::Mailbox const* addressed_as);
    Outcome mailbox(RecipientPtr const& entry, mail::Mailbox const* addressed_as);
    Outcome mailbox_itself(Recipient const& entry, mail::Mailbox const* addressed_as);
    Outcome alternate(RecipientPtr const& entry);

    // targets.cpp: custom recipients
    Outcome custom_recipient(RecipientPtr const& entry);
    Outcome follow_target(mail::Mailbox const& target, RecipientPtr const& owner);
    Outcome target_with_host(
        mail::Mailbox const& target, RecipientPtr const& owner, DeliveryRule const& rule
    );
    Outcome target_inbound(mail::Mailbox const& target, RecipientPtr const& owner);
    Outcome target_outbound(mail::Mailbox const& target, RecipientPtr const& owner);
    bool host_may_have(mail::Mailbox const& target, Unavailable const& down) const;
    std::optional<Outcome> target_unsettled(mail::Mailbox const& target, Answer const& answer);

    // groups.cpp
    Outcome group(RecipientPtr const& entry);
    Outcome member(EntryName const& name);
    void add_member(Outcome& group, Outcome&& member, std::string const& name);

    // restrictions.cpp
    // Of two answers the one that stands later here counts.
    enum class Match { no, too_large, unavailable, waiting, yes };
    struct Restrictor {
        Match match = Match::no;
        EntryName holder;  // yes: the group that has the sender among its members
    };
    struct Sender {
        Match known = Match::no;  // waiting, unavailable: its entries are not known
        std::vector<EntryName> entries;
    };
    struct SenderSearch {
        std::vector<std::string> met;      // keys of names
        std::vector<RecipientPtr> groups;  // whose members are looked at in turn
        EntryName holder;                  // where the sender was found
    };
    std::optional<Outcome> restricted(Recipient const& entry);
    Match matches_any(std::vector<Originator> const& originators);
    Match matches(Originator const& originator);
    Sender const& sender();
    bool is_sender(EntryName const& name);
    bool holds_sender(Recipient const& group);
    Match is_sent_by(EntryName const& name);
    Match look_at(EntryName const& name, SenderSearch& search);
    void remember(EntryName const& name, SenderSearch const& search, Match result);
    std::string how_named(EntryName const& name) const;

    // routes.cpp: next hops
    HostPtr host_for(mail::Domain const& domain);
    Outcome route(
        mail::ForwardPath rcpt,
        RouteKind kind,
        mail::Reason reason,
        HostPtr host,
        Recipient const* entry
    );
    HostPtr host_of_mailbox(Recipient const& entry);
    bool is_self(Host const& host) const;

    // One entry on the present path of targets and alternates, for as long as it is being followed.
    class Step {
    public:
        Step(Walk& walk, EntryName const& name);
        ~Step();
        Step(Step const&) = delete;
        Step& operator=(Step const&) = delete;
        bool is_new() const { return is_new_; }  // neither met before on this path nor one too many

    private:
        Walk& walk_;
        std::string key_;
        bool is_new_;
    };

    Answer ask(LookupKey const& key);
    void note(Rule rule, std::string subject, std::string source = {});
    Decision finish(Outcome&& outcome);

    Query const& query_;
    RoutingTable const& table_;
    Directory const& directory_;
    std::vector<TraceStep> trace_;
    std::vector<LookupKey> missing_;
    std::unordered_set<std::string> missing_keys_;
    std::unordered_set<std::string>
        followed_;  // custom recipients and mailboxes on the present path
    std::unordered_set<std::string> expanded_;  // groups, ever
    int group_depth_ = 0;
    std::size_t members_ = 0;
    std::optional<Sender> sender_;
    std::unordered_map<std::string, Restrictor> originators_;  // by name: is it the sender?
    std::string named_as_;  // how a restriction that matched leads to the sender; for the trace
    std::size_t sender_looked_for_ = 0;                   // members, of all groups looked into
};

}  // namespace splitmx::resolver
