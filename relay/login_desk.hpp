// Asks the directories whether clients are who they say they are, without holding up a loop: on
// threads of its own, a few at a time. More than `waiting_logins` at once, and those beyond are
// told to come back. Who fails too often is not asked about (login_guard.hpp). Threads: check() on
// any loop. Ownership: outlives the sessions that ask; stop() before the loops end, it breaks what
// is under way. Errors: verdicts; what was found is in the log, never a password.
#pragma once

#include "observe/log.hpp"
#include "relay/login_guard.hpp"
#include "relay/settings.hpp"
#include "smtp/sasl.hpp"
#include "smtp/server_session.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <stop_token>
#include <string>

namespace splitmx::relay {

inline constexpr std::size_t login_threads = 4;
inline constexpr std::size_t waiting_logins = 200;

// Who asks to be let in, and where.
struct LoginRequest {
    std::string session;
    mail::IpAddress client;
    smtp::Credentials credentials;
    SettingsPtr settings;

    LoginRequest(std::string id, mail::IpAddress who, smtp::Credentials what, SettingsPtr rules)
        : session(std::move(id)),
          client(who),
          credentials(std::move(what)),
          settings(std::move(rules)) {}
};

class LoginDesk {
public:
    explicit LoginDesk(observe::Log& log) : log_(log) {}

    boost::asio::awaitable<smtp::LoginVerdict> check(
        boost::asio::any_io_executor loop, LoginRequest request
    );
    void stop();

private:
    smtp::LoginVerdict ask(LoginRequest const& request);
    void note(LoginRequest const& request, smtp::LoginVerdict verdict, std::string detail);

    observe::Log& log_;
    LoginGuard guard_;
    std::atomic<std::size_t> waiting_ = 0;
    std::stop_source ending_;
    boost::asio::thread_pool threads_{login_threads};
};

}  // namespace splitmx::relay
