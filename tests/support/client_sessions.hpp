// Sessions of a client that are somewhere already, for tests that begin there.
#pragma once

#include "smtp/client_session.hpp"

#include <string>
#include <vector>

namespace splitmx::tests {

inline smtp::Delivery delivery_to(
    std::vector<std::string> recipients, smtp::BodyKind body = smtp::BodyKind::seven_bit
) {
    smtp::Delivery delivery;
    delivery.from = *mail::ReversePath::parse("<ann@example.org>");
    delivery.recipients.assign(recipients.begin(), recipients.end());
    delivery.size = 42;
    delivery.body = body;
    return delivery;
}

// Greeted by a host with these keywords.
inline smtp::ClientSession idle_session(std::string const& keywords = "250 PIPELINING\r\n") {
    smtp::ClientSession session({"mx", false});
    session.feed("220 peer\r\n");
    session.next();
    session.feed("250-peer\r\n" + keywords);
    session.next();
    session.take_output();
    return session;
}

}  // namespace splitmx::tests
