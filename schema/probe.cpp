#include "schema/probe.hpp"

#include "schema/entry_filter.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::schema {

namespace {

struct KnownMap {
    std::string name;
    std::vector<KeyAndValue> map;
};

// Maps for products that have no profile of their own.
std::vector<KnownMap> const& known_maps() {
    static std::vector<KnownMap> const maps{
        {"Univention",
         {{"filter", "(|(objectClass=univentionMail)(objectClass=univentionMailList))"},
          {"addresses", "mailPrimaryAddress"},
          {"addresses", "mailAlternativeAddress"},
          {"primary", "mailPrimaryAddress"},
          {"group", "class:univentionMailList"},
          {"host", "univentionMailHomeServer"},
          {"members", "uniqueMember"}}},
        {"Zimbra",
         {{"filter", "(|(objectClass=zimbraAccount)(objectClass=zimbraDistributionList))"},
          {"addresses", "zimbraMailDeliveryAddress"},
          {"addresses", "zimbraMailAlias"},
          {"primary", "zimbraMailDeliveryAddress"},
          {"group", "class:zimbraDistributionList"},
          {"host", "zimbraMailHost"},
          {"disabled", "zimbraAccountStatus=closed"}}},
        {"Kolab",
         {{"filter", "(objectClass=kolabInetOrgPerson)"},
          {"addresses", "mail"},
          {"addresses", "alias"},
          {"primary", "mail"},
          {"host", "mailHost"}}},
        {"postfix-book",
         {{"filter", "(objectClass=PostfixBookMailAccount)"},
          {"addresses", "mail"},
          {"addresses", "mailAlias"},
          {"primary", "mail"}}},
    };
    return maps;
}

// An entry that some person would call a mail recipient, whatever the profile.
bool has_mail(ldap::Entry const& entry) {
    for (auto const* name : {"mail", "mailLocalAddress", "proxyAddresses", "splitmxAddress"}) {
        if (entry.has(name)) return true;
    }
    return false;
}

Guess try_on(std::string name, Profile const& profile, ServerView const& view) {
    Guess guess;
    guess.name = std::move(name);
    std::size_t targets = 0;
    std::size_t remarks = 0;
    std::size_t missed = 0;
    // Who is not asked for is nobody.
    auto const filter = EntryFilter::compile(profile.filter);
    for (auto const& entry : view.samples) {
        if (filter && !filter->matches(entry)) {
            if (has_mail(entry)) ++missed;
            continue;
        }
        auto const mapping = map(profile, entry);
        auto const* recipient = mapping.recipient();
        if (!recipient || recipient->addresses.empty()) {
            if (has_mail(entry)) ++missed;
            continue;
        }
        guess.addresses += recipient->addresses.size();
        remarks += mapping.remarks.empty() ? 0 : 1;
        targets += recipient->target ? 1 : 0;
        switch (recipient->kind) {
            case resolver::RecipientKind::mailbox:
                ++guess.mailboxes;
                break;
            case resolver::RecipientKind::custom_recipient:
                ++guess.custom_recipients;
                break;
            case resolver::RecipientKind::group:
                ++guess.groups;
                break;
        }
    }
    if (missed > 0) {
        guess.notes.push_back(fmt::format("{} entries with mail are nobody to it", missed));
    }
    if (guess.custom_recipients == 0) guess.notes.emplace_back("no custom recipient among them");
    if (targets < guess.custom_recipients) {
        guess.notes.push_back(
            fmt::format("{} custom recipients without target", guess.custom_recipients - targets)
        );
    }
    if (remarks > 0) {
        guess.notes.push_back(fmt::format("odd values in {}; lint tells which", remarks));
    }
    return guess;
}

}  // namespace

std::vector<Guess> probe(ServerView const& view) {
    std::vector<Guess> guesses;
    for (auto const& name : profile_names()) {
        if (auto const* profile = find_profile(name)) {
            guesses.push_back(try_on(name, *profile, view));
        }
    }
    for (auto const& known : known_maps()) {
        auto const profile = make_custom(known.map);
        if (!profile) continue;
        if (!view.subschema.is_empty()) {
            auto const& filter = known.map.front().second;
            auto const begin = filter.find("objectClass=") + std::string("objectClass=").size();
            if (!view.subschema.has_class(filter.substr(begin, filter.find(')') - begin))) continue;
        }
        auto guess = try_on(known.name, *profile, view);
        guess.map = known.map;
        guesses.push_back(std::move(guess));
    }
    std::erase_if(guesses, [](Guess const& guess) { return guess.recipients() == 0; });
    // As many recipients and more of their addresses; of equals, the one that is known best.
    std::stable_sort(guesses.begin(), guesses.end(), [](Guess const& a, Guess const& b) {
        return std::pair(a.recipients(), a.addresses) > std::pair(b.recipients(), b.addresses);
    });
    return guesses;
}

ldap::Filter probe_filter() {
    std::vector<ldap::Filter> any;
    for (auto const* name :
         {"splitmxAddress",
          "mailLocalAddress",
          "proxyAddresses",
          "mail",
          "mailPrimaryAddress",
          "zimbraMailDeliveryAddress"}) {
        any.push_back(ldap::Filter::present(name));
    }
    return ldap::Filter::any_of(any);
}

}  // namespace splitmx::schema
