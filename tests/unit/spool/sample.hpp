// Messages to put into a spool, and short ways to look at one.
#pragma once

#include "spool/store.hpp"
#include "tests/support/result_text.hpp"

#include <string>
#include <utility>

namespace splitmx::spool {

inline mail::Instant at(std::chrono::seconds since_2026) {
    return std::chrono::sys_days(std::chrono::year{2026} / 1 / 1) + since_2026;
}

inline QueuedRecipient sample_recipient(std::string rcpt) {
    QueuedRecipient recipient;
    recipient.original = rcpt;
    recipient.rcpt = std::move(rcpt);
    recipient.hop = "host:notes";
    recipient.kind = "custom_recipient";
    recipient.entry = "cn=Ann,o=example";
    recipient.next_attempt = at(std::chrono::seconds{5});
    return recipient;
}

inline QueueItem sample_item(std::uint64_t id) {
    QueueItem item;
    item.id = SpoolId(id);
    item.arrived = at(std::chrono::seconds{0});
    item.from = mail::ReversePath::parse("<sender@example.com>").value();
    item.client = "mx.example[192.0.2.1]";
    item.client_address = mail::IpAddress::parse("192.0.2.1").value();
    item.local_address = mail::IpAddress::parse("198.51.100.25").value();
    item.listener = "main";
    item.helo = "mx.example";
    item.recipients = {
        sample_recipient("ann@notes.example"), sample_recipient("bob@other.example")};
    return item;
}

inline Put sample_put(std::uint64_t id, std::string body) {
    return {sample_item(id), Body::from_text(std::move(body))};
}

template <class Kind>
Changes one(Kind change) {
    Changes changes;
    changes.emplace_back(std::move(change));
    return changes;
}

template <class... More>
Changes batch_of(More... changes) {
    Changes all;
    (all.emplace_back(std::move(changes)), ...);
    return all;
}

// All of a body.
inline Result<std::string> drain(BodyReader& reader) {
    std::string all;
    while (true) {
        auto const chunk = reader.next();
        if (!chunk) return chunk.error();
        if (chunk->empty()) return all;
        all += *chunk;
    }
}

inline Result<std::string> body_of(Store const& store, std::uint64_t id) {
    auto reader = store.open_body(SpoolId(id));
    if (!reader) return reader.error();
    return drain(*reader);
}

template <class T>
bool failed_with(Result<T> const& result, Errc code) {
    return !result && result.error().code == code;
}

}  // namespace splitmx::spool
