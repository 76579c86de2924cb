#include "relay/pressure.hpp"

#include <fmt/format.h>

namespace splitmx::relay {

std::optional<std::string> too_much(
    Pressure const& pressure, config::Queue const& queue, config::Spool const& spool
) {
    if (pressure.messages >= queue.max_messages) {
        return fmt::format(
            "{} messages in the queue, [queue] max_messages is {}",
            pressure.messages,
            queue.max_messages
        );
    }
    if (pressure.waiting_octets > most_waiting_octets) {
        return fmt::format("{} octets wait for the disk", pressure.waiting_octets);
    }
    if (pressure.disk_left < spool.reserve) {
        return fmt::format(
            "{} octets left on the disk of the spool, [spool] reserve is {}",
            pressure.disk_left,
            spool.reserve
        );
    }
    return std::nullopt;
}

mail::Status no_room() {
    return {452, {3, 1}, "Not enough space for this message, try again later"};
}

Pressure pressure_on(Parts& parts) {
    Pressure pressure;
    pressure.messages = parts.store.usage().messages;
    pressure.waiting_octets = parts.spool.load().waiting_octets;
    pressure.disk_left = parts.bodies.space_left();
    return pressure;
}

}  // namespace splitmx::relay
