#include "relay/inbound_session.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

// A handshake is a few exchanges; whoever needs longer holds a place for nothing.
constexpr mail::Duration client_handshake_limit{30'000};

}  // namespace

asio::awaitable<bool> InboundSession::start_tls() {
    auto context = parts_.certificates.get();
    session_.begin_tls(context != nullptr);
    bool const written = co_await write_output();
    if (!written || !context) co_return written;
    co_return co_await shake_hands(std::move(context));
}

asio::awaitable<bool> InboundSession::shake_hands(tls::ContextPtr context) {
    watchdog_.set(std::min(session_.time_limit(), client_handshake_limit));
    auto const agreed = co_await connection_.accept_tls(std::move(context));
    if (!agreed) {
        parts_.log.write(observe::TlsFailed{id_, client_address(), agreed.error().what});
        co_return false;
    }
    tls_ = std::make_unique<tls::Agreed const>(*agreed);
    parts_.log.write(observe::TlsStarted{id_, client_address(), agreed->version, agreed->cipher});
    co_return true;
}

asio::awaitable<void> InboundSession::check_login() {
    watchdog_.clear();  // our own time, not the client's
    LoginRequest request(id_, client_address(), session_.credentials(), settings_);
    asio::any_io_executor const loop = worker_.loop().get_executor();
    auto const verdict = co_await parts_.logins.check(loop, std::move(request));
    session_.login_checked(verdict);
}

}  // namespace splitmx::relay
