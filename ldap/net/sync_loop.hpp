// What a SyncClient does on its thread: which server, which way, and when again.
//
// For that one thread, but for the Interrupt. sync_client.hpp has the rules.
#pragma once

#include "ldap/net/back_off.hpp"
#include "ldap/net/interrupt.hpp"
#include "ldap/net/sync_task.hpp"

#include <cstddef>
#include <set>
#include <string>

namespace splitmx::ldap::net {

class SyncLoop {
public:
    SyncLoop(SyncSettings const& settings, sync::Consumer& consumer, Interrupt& interrupt);

    // Until a stop is wanted.
    void run();

private:
    // One server, from connecting to the end of the session.
    [[nodiscard]] SyncOutcome attempt(std::string const& uri);
    [[nodiscard]] SyncOutcome follow(SyncTask const& task);
    [[nodiscard]] Result<ServerFacts> facts_of(Channel& channel);
    [[nodiscard]] Result<SyncMethod> method_for(ServerFacts const& facts, std::string const& uri);
    // Whether the first server stayed, when it had come back.
    void judge_return(SyncOutcome const& outcome, std::chrono::steady_clock::duration lasted);
    // What comes after that end: the next server, and a pause when it was the last.
    void go_on_after(SyncOutcome const& outcome);

    SyncSettings const& settings_;
    sync::Consumer& consumer_;
    Interrupt& interrupt_;
    BackOff back_off_;
    std::size_t server_ = 0;
    bool without_cookie_ = false;  // a server has just refused one
    bool at_once_ = false;         // the next session is with the same server, and needs no pause
    std::chrono::milliseconds return_pause_;
    bool is_back_ = false;   // the first server, as the last session ended because of that
    bool returned_ = false;  // to it: this session shows whether it stays
    std::set<std::string> only_poll_;  // servers that offer more, but not for this base or account
};

}  // namespace splitmx::ldap::net
