#include "relay/certificate_keeper.hpp"

#include "config/tls_files.hpp"
#include "mail/date_time.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

struct CertificateKeeper::Look {
    config::TlsFiles files;
    std::string stamp;
    std::optional<tls::Identity::Made> made;  // none: nothing has changed
};

CertificateKeeper::CertificateKeeper(
    asio::io_context& main, asio::thread_pool& disk, observe::Log& log
)
    : main_(main), disk_(disk), log_(log), timer_(main) {
    wait();
}

void CertificateKeeper::install(config::Tls const& tls) {
    files_ = tls.files;
    if (!tls.identity) {
        identity_.reset();
        present_.set(nullptr);
        return;
    }
    stamp_ = config::stamp_of(*files_);
    use(*tls.identity);
    // The check of the configuration has just told it.
    told_at_ = std::chrono::system_clock::now();
    told_ = tls::validity_trouble(*identity_, told_at_);
}

void CertificateKeeper::use(tls::Identity identity) {
    auto context = tls::Context::for_server(identity);
    if (!context) return log_.error("tls", context.error().what);
    bool const is_new = !identity_ || identity_->not_after() != identity.not_after() ||
                        identity_->name() != identity.name();
    if (is_new) {
        log_.info(
            "tls",
            fmt::format(
                "certificate of {}, valid until {}",
                identity.name(),
                mail::to_date_time(identity.not_after())
            )
        );
    }
    identity_ = std::move(identity);
    made_ = std::chrono::steady_clock::now();
    present_.set(std::move(*context));
}

void CertificateKeeper::wait() {
    timer_.expires_after(certificate_watch);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_) look();
    });
}

void CertificateKeeper::look() {
    if (!files_) return wait();
    auto const seen = std::make_shared<Look>(Look{*files_, {}, {}});
    asio::post(disk_, [this, seen, before = stamp_] {
        seen->stamp = config::stamp_of(seen->files);
        if (seen->stamp != before) seen->made = config::load_identity(seen->files);
        asio::post(main_, [this, seen] {
            if (stopped_) return;
            take(*seen);
            wait();
        });
    });
}

void CertificateKeeper::take(Look const& seen) {
    if (files_ != seen.files) return;  // a new configuration came meanwhile
    auto const now = std::chrono::steady_clock::now();
    if (!seen.made) {
        if (identity_ && now - made_ >= ticket_life) use(*identity_);
        return remind();
    }
    stamp_ = seen.stamp;
    if (!*seen.made) {
        log_.error("tls", seen.made->error().what + "; the certificate before it stays in use");
        return;
    }
    use(**seen.made);
    told_.clear();
    remind();
}

void CertificateKeeper::remind() {
    if (!identity_) return;
    auto const now = std::chrono::system_clock::now();
    auto trouble = tls::validity_trouble(*identity_, now);
    if (trouble.empty() || (trouble == told_ && now < told_at_ + reminder)) return;
    log_.warn("tls", fmt::format("{}: {}", identity_->name(), trouble));
    told_ = std::move(trouble);
    told_at_ = now;
}

void CertificateKeeper::stop() {
    stopped_ = true;
    timer_.cancel();
}

}  // namespace splitmx::relay
