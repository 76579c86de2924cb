// One thing that happened to a message or a recipient, as the history keeps it. The words are those
// of Exchange's message tracking. Text may be any octets. Threads: plain values. Source: Exchange
// message tracking (event-id, recipient-address, related-recipient-address).
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::history {

enum class Kind : std::uint8_t {
    receive = 1,  // the message is ours
    resolve,      // what was decided about a recipient, accepted or not
    redirect,     // it goes to another address, or to a foreign host
    send,
    defer,
    fail,
    dsn,   // the sender is told
    drop,  // nobody is told
};

std::string_view to_text(Kind kind);  // "RECEIVE"
std::optional<Kind> kind_named(std::string_view text);
std::vector<std::string> kind_words();  // all of them

struct Record {
    mail::Instant at;
    Kind kind = Kind::receive;
    std::string id;         // of the message; of the session where no message came to be
    std::string session;    // receive
    std::string sender;     // empty: the null sender, or not known here
    std::string recipient;  // as it goes out; dsn: who is told
    std::string original;   // as the client said it
    std::string host;       // resolve, redirect: the next hop; send, defer, fail: who answered
    std::string reply;      // "250 2.0.0 ok"; resolve: the reason, dsn: its kind and reason
    std::string client;     // "192.0.2.10"
    std::string related;    // dsn: id of the report
    std::uint64_t size = 0;
    std::string decision;  // resolve: JSON, as `splitmx resolve --json` prints it
    std::string config;    // resolve: hash of the configuration that decided
};

}  // namespace splitmx::history
