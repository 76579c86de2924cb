// Whether a 389 server renamed or moved an entry that has others below it: their names are others
// then, or they come into the base or leave it, and it tells nothing of them. Each heartbeat brings
// the number of the newest change; when it moved, the changelog is asked for renames, and the
// directory whether one of these entries has others below it. Both by an index.
//
// Where the account may not read cn=changelog nothing is found, and the daily comparison has to do.
// For the thread of one session. Errors: none, but those of the channel.
#pragma once

#include "ldap/net/channel.hpp"
#include "ldap/server_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap::net {

inline constexpr std::string_view last_change_attribute = "lastChangeNumber";  // of the root DSE

class ParentWatch {
public:
    ParentWatch(ServerFacts const& facts, Dn const& base);

    // The answer of a heartbeat.
    void see(Entry const& root_dse);
    [[nodiscard]] bool wants_to_ask() const;
    // Sends it. An error is the channel's.
    [[nodiscard]] std::optional<Error> ask(Channel& channel);
    // True: that was a message of ours.
    [[nodiscard]] bool take(::ldap* handle, ::ldapmsg* message);
    // Once: a container has another name or place.
    [[nodiscard]] bool take_finding();

private:
    [[nodiscard]] SearchRequest renames() const;
    [[nodiscard]] SearchRequest parents_among_renamed() const;

    Dn context_;
    std::optional<std::uint64_t> looked_until_;  // none: this server has no changelog
    std::uint64_t newest_ = 0;
    std::uint64_t asked_until_ = 0;
    std::vector<std::string> renamed_;  // nsUniqueId
    bool found_ = false;
    Channel::Id id_ = 0;  // under way; 0: none
    bool about_parents_ = false;
};

}  // namespace splitmx::ldap::net
