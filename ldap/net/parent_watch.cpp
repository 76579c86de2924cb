#include "ldap/net/parent_watch.hpp"

#include "ldap/entry_id.hpp"
#include "ldap/net/libldap.hpp"
#include "ldap/net/message.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

constexpr std::size_t renames_looked_at = 200;  // of more, it is assumed

}  // namespace

ParentWatch::ParentWatch(ServerFacts const& facts, Dn const& base)
    : context_(facts.naming_context_of(base)) {
    if (facts.vendor != Vendor::directory_389 || !facts.last_change) return;
    looked_until_ = newest_ = *facts.last_change;
}

void ParentWatch::see(Entry const& root_dse) {
    if (auto const now = facts_from_root_dse(root_dse).last_change) newest_ = *now;
}

bool ParentWatch::wants_to_ask() const {
    if (!looked_until_ || id_ != 0) return false;
    return !renamed_.empty() || newest_ > *looked_until_;
}

SearchRequest ParentWatch::renames() const {
    SearchRequest request;
    request.base = Dn::parse("cn=changelog").value();
    request.scope = Scope::one_level;
    request.filter = Filter::all_of(
        {Filter::raw("(changeNumber>=" + std::to_string(*looked_until_ + 1) + ")").value(),
         Filter::equal("changeType", "modrdn")}
    );
    request.attributes = {"targetUniqueId"};
    request.size_limit = static_cast<int>(renames_looked_at);
    return request;
}

SearchRequest ParentWatch::parents_among_renamed() const {
    std::vector<Filter> any;
    for (auto const& id : renamed_) any.push_back(Filter::equal("nsUniqueId", id));
    SearchRequest request;
    request.base = context_;
    request.filter =
        Filter::all_of({Filter::any_of(any), Filter::raw("(numSubordinates>=1)").value()});
    request.attributes = {LDAP_NO_ATTRS};
    request.size_limit = 1;
    return request;
}

std::optional<Error> ParentWatch::ask(Channel& channel) {
    about_parents_ = !renamed_.empty();
    if (!about_parents_) asked_until_ = newest_;
    auto const id = channel.search(about_parents_ ? parents_among_renamed() : renames());
    if (!id) return id.error();
    id_ = *id;
    return std::nullopt;
}

bool ParentWatch::take(::ldap* handle, ::ldapmsg* message) {
    if (id_ == 0 || ldap_msgid(message) != id_) return false;
    auto const type = ldap_msgtype(message);
    if (type == LDAP_RES_SEARCH_ENTRY) {
        if (about_parents_) {
            found_ = true;
        } else if (auto const entry = to_entry(handle, message)) {
            // What goes into a filter is checked.
            auto const text = entry->first("targetUniqueId");
            if (text && EntryId::parse(*text)) renamed_.emplace_back(*text);
        }
    }
    if (type != LDAP_RES_SEARCH_RESULT) return true;
    id_ = 0;
    if (about_parents_) {
        renamed_.clear();
        return true;
    }
    looked_until_ = asked_until_;
    auto const answer = to_answer(handle, message);
    if (answer && answer->code == LDAP_SIZELIMIT_EXCEEDED) found_ = true;
    return true;
}

// Not before the answer is whole: what it was about counts as looked at then.
bool ParentWatch::take_finding() { return id_ == 0 && std::exchange(found_, false); }

}  // namespace splitmx::ldap::net
