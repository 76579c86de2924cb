#include "relay/host_log.hpp"

#include "relay/hop.hpp"

namespace splitmx::relay {

void log_host_change(observe::Log& log, HostChanged const& change, std::size_t messages) {
    observe::HostConditionChanged event;
    event.name = host_name(change.hop);
    event.lasted = change.lasted;
    event.messages = messages;
    switch (change.now) {
        case HostCondition::down:
            event.event = observe::HostEvent::down;
            if (change.reply) event.text = change.reply->status.to_log();
            break;
        case HostCondition::paused:
            event.event = observe::HostEvent::paused;
            event.text = change.reason;
            break;
        case HostCondition::up:
            event.event = change.before == HostCondition::paused ? observe::HostEvent::resumed
                                                                 : observe::HostEvent::up;
            break;
    }
    log.write(event);
}

}  // namespace splitmx::relay
