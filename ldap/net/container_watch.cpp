#include "ldap/net/container_watch.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/message.hpp"
#include "ldap/sync_controls.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

// A directory may change all the time: one question tells about all that has gathered.
constexpr std::chrono::seconds between_questions{1};

}  // namespace

ContainerWatch::ContainerWatch(
    ServerFacts const& facts, Dn const& base, std::optional<sync::Cookie> const& cookie
)
    : knows_(facts.vendor == Vendor::openldap), context_(facts.naming_context_of(base)) {
    if (!cookie) return;
    // Nobody tells what became of containers while we were away.
    looked_until_ = sync::newest_csn(*cookie).value_or("");
    wanted_ = !looked_until_.empty();
}

void ContainerWatch::see(sync::Cookie const& cookie, bool unseen) {
    auto const csn = sync::newest_csn(cookie);
    if (!csn) return;
    newest_ = std::max(newest_, *csn);
    if (looked_until_.empty()) looked_until_ = *csn;
    wanted_ = wanted_ || unseen;
}

std::optional<ContainerWatch::Clock::time_point> ContainerWatch::due() const {
    if (!knows_ || !wanted_ || id_ != 0 || newest_.empty()) return std::nullopt;
    return not_before_;
}

std::optional<Error> ContainerWatch::ask(Channel& channel) {
    auto later = Filter::raw("(entryCSN>=" + looked_until_ + ")");
    auto parents = Filter::raw("(hasSubordinates=TRUE)");
    wanted_ = false;
    not_before_ = Clock::now() + between_questions;
    if (!later || !parents) return std::nullopt;
    SearchRequest request;
    request.base = context_;
    request.filter = Filter::all_of(
        {std::move(*later),
         Filter::none_of(Filter::equal("entryCSN", looked_until_)),
         std::move(*parents)}
    );
    request.attributes = {LDAP_NO_ATTRS};
    request.size_limit = 1;
    asked_until_ = newest_;
    auto const id = channel.search(request);
    if (!id) return id.error();
    id_ = *id;
    return std::nullopt;
}

bool ContainerWatch::take(::ldap* handle, ::ldapmsg* message) {
    if (id_ == 0 || ldap_msgid(message) != id_) return false;
    auto const type = ldap_msgtype(message);
    if (type == LDAP_RES_SEARCH_ENTRY) found_ = true;
    if (type != LDAP_RES_SEARCH_RESULT) return true;
    id_ = 0;
    looked_until_ = asked_until_;
    auto const answer = to_answer(handle, message);
    bool const understood =
        answer && (answer->code == LDAP_SUCCESS || answer->code == LDAP_SIZELIMIT_EXCEEDED);
    knows_ = knows_ && understood;
    return true;
}

// Not before the answer is whole: what it was about counts as looked at then.
bool ContainerWatch::take_finding() { return id_ == 0 && std::exchange(found_, false); }

}  // namespace splitmx::ldap::net
