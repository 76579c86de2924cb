// Whether an entry that has others below it was changed. A server that renames or moves one tells
// nothing of those below, whose names are others then, or which come into the base or leave it; all
// that RFC 4533 gives for it is a new cookie. So a small question follows such a cookie, about what
// changed since the last one: OpenLDAP answers it by its index of entryCSN.
//
// Knows OpenLDAP's cookies only; with any other server, or one that refuses the question, it asks
// nothing. For the thread of one session. Errors: none.
#pragma once

#include "ldap/net/channel.hpp"
#include "ldap/server_facts.hpp"
#include "ldap/sync.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace splitmx::ldap::net {

class ContainerWatch {
public:
    using Clock = Channel::Clock;

    // `cookie`: where the session began.
    ContainerWatch(
        ServerFacts const& facts, Dn const& base, std::optional<sync::Cookie> const& cookie
    );

    // A cookie that came. `unseen`: without any entry of ours.
    void see(sync::Cookie const& cookie, bool unseen);
    // When a question is due, if one is.
    [[nodiscard]] std::optional<Clock::time_point> due() const;
    // Sends it. An error is the channel's.
    [[nodiscard]] std::optional<Error> ask(Channel& channel);
    // True: that was a message of ours.
    [[nodiscard]] bool take(::ldap* handle, ::ldapmsg* message);
    // Once: a container has changed.
    [[nodiscard]] bool take_finding();

private:
    bool knows_;
    Dn context_;
    std::string looked_until_;  // empty: from the first cookie on
    std::string asked_until_;
    std::string newest_;
    bool wanted_ = false;
    bool found_ = false;
    Channel::Id id_ = 0;  // under way; 0: none
    Clock::time_point not_before_{};
};

}  // namespace splitmx::ldap::net
