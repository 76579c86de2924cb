#include "relay/login_desk.hpp"

#include "directory/login.hpp"
#include "relay/arrival.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <limits>
#include <memory>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::LoginVerdict;

LoginVerdict verdict_of(directory::LoginAnswer answer) {
    switch (answer) {
        case directory::LoginAnswer::right:
            return LoginVerdict::right;
        case directory::LoginAnswer::wrong:
            return LoginVerdict::wrong;
        case directory::LoginAnswer::unknowable:
            break;
    }
    return LoginVerdict::unknowable;
}

}  // namespace

asio::awaitable<LoginVerdict> LoginDesk::check(asio::any_io_executor loop, LoginRequest request) {
    auto const& limits = request.settings->config.limits;
    auto const now = std::chrono::steady_clock::now();
    if (!limits.is_exempt(request.client) &&
        !guard_.may_try(request.client, limits.failed_logins, now)) {
        note(request, LoginVerdict::too_many, "too many failures of this client");
        co_return LoginVerdict::too_many;
    }
    if (waiting_ >= waiting_logins) {
        note(request, LoginVerdict::unknowable, "too many logins at once");
        co_return LoginVerdict::unknowable;
    }
    ++waiting_;
    auto const arrival = std::make_shared<Arrival<LoginVerdict>>();
    auto const asked = std::make_shared<LoginRequest>(std::move(request));
    asio::post(threads_, [this, loop, arrival, asked] {
        auto const verdict = ask(*asked);
        --waiting_;
        asio::post(loop, [arrival, verdict] { arrival->set(verdict); });
    });
    co_return co_await arrival->wait();
}

// On a thread of ours.
LoginVerdict LoginDesk::ask(LoginRequest const& request) {
    auto const& [login, password] = request.credentials;
    auto const& directories = request.settings->config.directories;
    auto outcome = directory::check_login(directories, login, password, ending_.get_token());
    auto const verdict = verdict_of(outcome.answer);
    if (verdict == LoginVerdict::wrong)
        guard_.failed(request.client, std::chrono::steady_clock::now());
    if (verdict == LoginVerdict::right) guard_.succeeded(request.client);
    note(request, verdict, std::move(outcome.detail));
    return verdict;
}

void LoginDesk::note(LoginRequest const& request, LoginVerdict verdict, std::string detail) {
    using enum observe::LoginResult;
    auto result = unknowable;
    if (verdict == LoginVerdict::right) result = right;
    if (verdict == LoginVerdict::wrong || verdict == LoginVerdict::too_many) result = refused;
    log_.write(observe::LoginChecked{
        request.session, request.client, request.credentials.login, result, std::move(detail)});
}

void LoginDesk::stop() {
    ending_.request_stop();
    threads_.stop();
    threads_.join();
}

}  // namespace splitmx::relay
