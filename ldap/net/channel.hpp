// One bound connection for a thread that waits: searches go out, messages come in, and an Interrupt
// ends every wait.
//
// Several searches may be under way at once, told apart by their ids. libldap and TLS buffer whole
// messages, so next() is called until it gives none before wait(). A connection that broke is an
// error of next() or search(), and stays one. For one thread; the Interrupt must outlive it.
#pragma once

#include "ldap/net/connect.hpp"
#include "ldap/net/interrupt.hpp"
#include "ldap/net/message.hpp"
#include "ldap/search.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace splitmx::ldap::net {

class Channel {
public:
    using Clock = std::chrono::steady_clock;
    using Id = int;
    struct Free {
        void operator()(::ldapmsg* message) const noexcept;
    };
    using Received = std::unique_ptr<::ldapmsg, Free>;

    Channel(Handle handle, Interrupt const& interrupt);
    ~Channel();
    Channel(Channel const&) = delete;
    Channel& operator=(Channel const&) = delete;

    // Without any limit of time. The control, if any, is critical: a server that does not know it
    // must say so.
    [[nodiscard]] Result<Id> search(
        SearchRequest const& request, std::optional<Control> const& control = std::nullopt
    );
    void abandon(Id id);

    // The next message that has come; null if none.
    [[nodiscard]] Result<Received> next();

    // Until something comes in, an interrupt, or `until`. May wake up for nothing.
    void wait(Clock::time_point until) const;

    // A small search from question to answer. Fails with whatever the server answers, timeout when
    // `until` passes, stopped at an interrupt. Messages of other searches are dropped.
    [[nodiscard]] SearchResult ask(SearchRequest const& request, Clock::time_point until);

    [[nodiscard]] ::ldap* handle() const noexcept { return handle_.get(); }
    [[nodiscard]] Interrupt const& interrupt() const noexcept { return interrupt_; }

private:
    // Nothing: not the end yet.
    [[nodiscard]] std::optional<SearchResult> take(
        Id id, ::ldapmsg* message, std::vector<Entry>& entries
    );

    bool write_blocked_ = false;  // the handle's destructor sets it too
    Handle handle_;
    Interrupt const& interrupt_;
    std::optional<Error> broken_;  // a handle that lost its connection would make another one
};

}  // namespace splitmx::ldap::net
