// What is known of one next hop, and how many connections it may have: a machine without I/O.
// Concurrency starts at 5, grows by one with each transaction that comes to its end and falls by
// one with each connection that breaks (timeouts, 421, resets); it never exceeds [host.NAME]
// connections. A host that cannot be reached, or whose connections all break, is down: then one
// connection at a time may try it, when a message is due and the last failure is not fresh, or when
// nobody has tried for a while. A paused host gets no connection.
// Threads: one at a time (HostBook). Time is a steady clock's: host states do not live on the wall
// clock. Source: RFC 5321 4.5.4.1 (the sender keeps a list of unreachable hosts); Postfix's
// concurrency feedback for the form.
#pragma once

#include "mail/clock.hpp"
#include "mail/status.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace splitmx::relay {

enum class HostCondition { up, down, paused };

// What a host, or the attempt to reach it, has said last.
struct HostReply {
    mail::Status status;
    std::string host;  // that said it: "mbx1.adatum.com[10.0.0.1]:25"; empty: our own words
};

class HostState {
public:
    using Moment = std::chrono::steady_clock::time_point;

    enum class Entry { granted, full, down, paused };
    // due: a message's time has come; idle: nobody has tried for a while; forced: an operator asks.
    enum class Why { due, idle, forced };

    static constexpr unsigned first_window = 5;
    static constexpr unsigned default_limit = 8;
    static constexpr std::chrono::minutes longest_silence{5};

    // `fresh`: a failure is that long an answer for all other messages, too. Requires: less than
    // the shortest wait between two attempts.
    HostState(unsigned limit, mail::Duration fresh, Moment now);

    // Whether there is a place; take() takes it.
    Entry ask(Moment now, Why why) const;
    void take() { ++used_; }
    bool has_place() const;  // for whoever has been told `full`
    void leave(bool was_connected);
    void set_limit(unsigned limit, mail::Duration fresh);
    // What is known of its failures is out of date: the next one who asks may try.
    void give_chance() { failed_at_ -= longest_silence; }

    // What those with a place have seen; true: the condition has changed.
    bool connected(Moment now);
    bool carried(Moment now, HostReply reply);
    bool broke(Moment now, HostReply reply);
    bool unreachable(Moment now, HostReply reply);
    bool pause(Moment now, std::string reason);  // false: it was paused; the reason is replaced
    bool resume(Moment now);

    HostCondition condition() const;
    Moment since() const { return since_; }
    std::string const& pause_reason() const { return pause_ ? *pause_ : none_; }
    std::optional<HostReply> const& last_reply() const { return last_reply_; }
    std::optional<Moment> last_reply_at() const { return last_reply_at_; }
    std::optional<Moment> next_probe() const;  // down
    unsigned used() const { return used_; }
    unsigned window() const { return window_; }
    unsigned limit() const { return limit_; }
    bool is_unused() const { return used_ == 0 && condition() == HostCondition::up; }

private:
    bool come_back(Moment now);
    bool go_down(Moment now);
    void note(Moment now, HostReply reply);

    unsigned limit_;
    mail::Duration fresh_;
    unsigned window_;
    unsigned used_ = 0;
    unsigned connected_ = 0;
    bool down_ = false;
    std::optional<std::string> pause_;
    Moment since_;          // of the condition
    Moment failed_at_;      // down: the last failure
    mail::Duration quiet_;  // down: how long nobody need try
    std::optional<HostReply> last_reply_;
    std::optional<Moment> last_reply_at_;
    std::string none_;
};

}  // namespace splitmx::relay
