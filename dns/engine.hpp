// Asks the DNS through libunbound, which works in a thread of its own; answers are taken in on a
// loop. Ownership: owns the library's context. Ends on its loop or with it at rest; questions that
// are under way then get no answer. Threads: its loop only. Errors: a failure is an answer; no
// question stays unanswered longer than the timeout.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dns/awaitable.hpp"
#include "dns/records.hpp"

namespace splitmx::dns {

class Engine {
public:
    using Answer = std::function<void(Records)>;

    // `servers` as "address" or "address@port"; none: those of resolv.conf.
    static mail::Result<Engine> create(
        Executor loop, std::vector<std::string> const& servers, bool dnssec
    );

    void ask(Question const& question, mail::Duration timeout, Answer answer);
    bool is_idle() const;

private:
    class Core;
    explicit Engine(std::shared_ptr<Core> core) : core_(std::move(core)) {}

    std::shared_ptr<Core> core_;
};

inline constexpr char const* resolv_conf = "/etc/resolv.conf";

}  // namespace splitmx::dns
