// Follows one directory: a thread that keeps a connection to the first of its servers that works,
// and tells a consumer what is in the directory and what changes (ldap/sync.hpp has the stream).
//
// With a server that offers RFC 4533 it listens: refreshAndPersist, and a question on the same
// connection every `heartbeat`, because a process that hangs leaves its TCP connection alive. With
// Active Directory it asks for changes (DirSync) as soon as its update sequence number moves, and for
// deletions that the account is not shown it compares every `poll_interval`. With one that only has
// paging it reads everything every `poll_interval`, sooner if a cheap question says that something
// changed. It never gives up: servers are tried in order, and when none serves,
// again after a jittered pause from `retry_min` to `retry_max`; each failure ends a session with a
// reason. While another server than the first is followed, that one is looked for now and then, and
// followed again when it is back. A cookie that a server refuses is dropped for the next session,
// which follows at once. Threads: the constructor starts the one that calls the consumer; restart()
// and stop() come from any other. The program must ignore SIGPIPE (see connect.hpp).
#pragma once

#include "ldap/net/connect.hpp"
#include "ldap/search.hpp"
#include "ldap/server_facts.hpp"
#include "ldap/sync.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::ldap::net {

struct SyncSettings {
    std::vector<std::string> uris;  // at least one, in order of preference
    ConnectSettings connect;        // its uri is not used; its timeout is for one server
    Dn base;
    Filter filter;
    std::vector<std::string>
        attributes;  // no others are passed on; none named: all user attributes
    std::vector<std::string> links;  // those whose values are names of other entries
    SyncChoice choice = SyncChoice::automatic;

    std::chrono::milliseconds heartbeat{30'000};
    std::chrono::milliseconds answer_timeout{
        10'000};  // for the heartbeat and other small questions
    std::chrono::milliseconds refresh_silence{60'000};  // in a refresh: no word for as long as this
    std::chrono::milliseconds poll_interval{300'000};
    std::chrono::milliseconds usn_interval{500};  // Active Directory: looks whether anything changed
    int page_size = 500;  // entries; Active Directory gives 1000 at most
    std::chrono::milliseconds retry_min{1'000};
    std::chrono::milliseconds retry_max{60'000};
    // While another than the first server is followed: how often it is looked for. Twice as long
    // each time that it comes back and does not stay, up to the maximum.
    std::chrono::milliseconds return_after{300'000};
    std::chrono::milliseconds return_max{3'600'000};
};

class SyncClient {
public:
    // The consumer outlives it. Requires: one URI at least, a positive page size.
    SyncClient(SyncSettings settings, sync::Consumer& consumer);
    ~SyncClient();  // stop()
    SyncClient(SyncClient const&) = delete;
    SyncClient& operator=(SyncClient const&) = delete;

    // Ends the session under way, or the pause; another one begins at once.
    void restart();

    // Ends everything and joins the thread; SessionEnds{stopped} is the last event. Not from the
    // consumer: that replies Reply::stop.
    void stop();

private:
    class Running;
    std::unique_ptr<Running> running_;
};

}  // namespace splitmx::ldap::net
