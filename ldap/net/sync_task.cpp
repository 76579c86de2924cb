#include "ldap/net/sync_task.hpp"

#include <utility>

namespace splitmx::ldap::net {

using sync::EndReason;
using sync::SessionEnds;

std::optional<SessionEnds> hand_over(SyncTask const& task, std::vector<sync::Event>& events) {
    if (events.empty()) return std::nullopt;
    switch (task.consumer.take(std::exchange(events, {}))) {
        case sync::Reply::go_on:
            return std::nullopt;
        case sync::Reply::restart:
            return SessionEnds{EndReason::restarted, task.of.uri, "a new session is wanted"};
        case sync::Reply::stop:
            break;
    }
    return SessionEnds{EndReason::stopped, task.of.uri, "no more is wanted"};
}

SessionEnds end_of(SyncTask const& task, Error const& error) {
    if (error.code == Errc::stopped) return interrupted(task);
    return {
        sync::reason_of(error.code),
        task.of.uri,
        sync::with_advice(error.code, error.what, task.of)};
}

SessionEnds interrupted(SyncTask const& task) {
    if (task.channel.interrupt().stop_requested()) {
        return {EndReason::stopped, task.of.uri, "the program is ending"};
    }
    return {EndReason::restarted, task.of.uri, "a new session is wanted"};
}

}  // namespace splitmx::ldap::net
