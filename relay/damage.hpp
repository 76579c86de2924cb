// Messages that turn out to be damaged. Each leaves the queue at once and for good; the log says
// so, and the postmaster gets a notice: at a start, and at most one an hour after that. Threads:
// DamageNotices any; set_aside() on the loop of the inbox. Source: RFC 5321 6.1 (what was accepted
// must not be lost without a word).
#pragma once

#include "mail/mailbox.hpp"
#include "relay/message.hpp"
#include "relay/parts.hpp"
#include "relay/spool_inbox.hpp"
#include "spool/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace splitmx::relay {

struct DamageNotice {
    std::vector<spool::Damage> damaged;
    std::uint64_t all = 0;  // messages that are set aside by now
    std::string hostname;
    mail::Mailbox postmaster;
    std::string spool;  // its path
};

// The notice, not decided yet (its hop is empty).
MessagePtr build_damage_notice(DamageNotice const& about, spool::SpoolId id, mail::Instant now);

// Gives the notice that was put into the spool with the change, if one was due; it is to be taken
// like any other message. What is not damaged but of a newer version stays where it is.
boost::asio::awaitable<MessagePtr> set_aside(
    Parts& parts, SpoolInbox& inbox, std::vector<spool::Damage> damaged
);

}  // namespace splitmx::relay
