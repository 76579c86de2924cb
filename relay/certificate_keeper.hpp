// Our certificate as TLS connections use it: the one of the configuration, read again when its
// files change, and under a new ticket key every half day. Files that have changed into something
// that does not fit together, as while a tool writes one after the other, change nothing: the log
// says so, and the certificate before them stays. One that ends soon, or has ended, is told of once a
// day. Threads: the main loop's, but for present(),
// which any may ask; files are read on `disk`. Ownership: outlives whoever asks it. Errors: in the
// log.
#pragma once

#include "config/config.hpp"
#include "observe/log.hpp"
#include "relay/present.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tls/context.hpp"

namespace splitmx::relay {

inline constexpr std::chrono::seconds certificate_watch{2};
inline constexpr std::chrono::hours ticket_life{12};
inline constexpr std::chrono::hours reminder{24};  // of a certificate's end

class CertificateKeeper {
public:
    CertificateKeeper(
        boost::asio::io_context& main, boost::asio::thread_pool& disk, observe::Log& log
    );

    // The certificate of a new configuration, or none.
    void install(config::Tls const& tls);
    // Null: there is none. Taken for each handshake.
    Present<tls::Context> const& present() const { return present_; }
    std::optional<tls::Identity> const& identity() const { return identity_; }
    void stop();

private:
    struct Look;  // what was seen on `disk`

    void use(tls::Identity identity);
    void wait();
    void look();
    void take(Look const& seen);
    void remind();

    boost::asio::io_context& main_;
    boost::asio::thread_pool& disk_;
    observe::Log& log_;
    boost::asio::steady_timer timer_;
    Present<tls::Context> present_;
    std::optional<config::TlsFiles> files_;
    std::optional<tls::Identity> identity_;
    std::string stamp_;  // of the files, when they were last looked at
    std::chrono::steady_clock::time_point made_;
    std::string told_;  // of its validity, at that time
    mail::Instant told_at_;
    bool stopped_ = false;
};

}  // namespace splitmx::relay
