#include "ldap/net/connect.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/message.hpp"
#include "ldap/net/socket.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <ldap.h>
#include <openldap.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view default_socket = "/run/slapd/ldapi";
constexpr std::string_view system_ca = "/etc/ssl/certs/ca-certificates.crt";
constexpr ber_len_t max_incoming_message = 64U << 20U;  // octets: a group of a million members fits

struct UrlDeleter {
    void operator()(LDAPURLDesc* url) const noexcept { ldap_free_urldesc(url); }
};
using Url = std::unique_ptr<LDAPURLDesc, UrlDeleter>;

// The libraries set up their globals on first use, and not safely for threads.
void initialise_libldap() {
    static std::once_flag once;
    std::call_once(once, [] {
        int version = 0;
        ldap_get_option(nullptr, LDAP_OPT_PROTOCOL_VERSION, &version);
    });
}

class Connecting {
public:
    Connecting(ConnectSettings const& settings, std::stop_token const& stop)
        : settings_(settings), stop_(stop), patience_(settings.timeout, stop) {}

    [[nodiscard]] Result<Handle> run() {
        auto handle = make();
        // Whatever the broken connection was taken for.
        if (!handle && stop_.stop_requested()) return Error(Errc::stopped, "the program is ending");
        return handle;
    }

private:
    [[nodiscard]] Result<Handle> make() {
        LDAPURLDesc* raw = nullptr;
        if (ldap_url_parse(settings_.uri.c_str(), &raw) != LDAP_URL_SUCCESS) {
            return Error(Errc::syntax, fmt::format("'{}' is not an LDAP URI", settings_.uri));
        }
        url_.reset(raw);
        // RFC 4513 5.1.2: the server would take it as anonymous, and we for success.
        if (!settings_.bind_dn.empty() && settings_.password.empty()) {
            return Error(Errc::refused_credentials, "a bind_dn without a password");
        }
        auto descriptor =
            is_local()
                ? connect_local(host().empty() ? default_socket : host(), patience_)
                : connect_tcp(
                      std::string(host().empty() ? "localhost" : host()), url_->lud_port, patience_
                  );
        if (!descriptor) return descriptor.error();
        // A handshake inside libldap ends early only with its connection. The duplicate is ours for
        // as long as somebody may use it.
        Descriptor const copy(::fcntl(descriptor->get(), F_DUPFD_CLOEXEC, 0));
        std::stop_callback const break_off(stop_, [&copy] { ::shutdown(copy.get(), SHUT_RDWR); });
        if (auto error = make_handle(std::move(*descriptor))) return *error;
        if (auto error = secure()) return *error;
        if (auto error = bind()) return *error;
        return std::move(handle_);
    }

    [[nodiscard]] bool is_local() const { return url_->lud_scheme == std::string_view("ldapi"); }
    [[nodiscard]] bool is_ldaps() const { return url_->lud_scheme == std::string_view("ldaps"); }
    [[nodiscard]] std::string_view host() const {
        return url_->lud_host != nullptr ? url_->lud_host : "";
    }

    [[nodiscard]] std::optional<Error> make_handle(Descriptor descriptor) {
        // The URL is where the name for checking the certificate comes from.
        auto const bracket = host().find(':') != std::string_view::npos;
        auto const url = is_local() ? settings_.uri
                                    : fmt::format(
                                          "{}://{}{}{}:{}",
                                          url_->lud_scheme,
                                          bracket ? "[" : "",
                                          host(),
                                          bracket ? "]" : "",
                                          url_->lud_port
                                      );
        ::ldap* raw = nullptr;
        fd_ = descriptor.get();
        auto const code =
            ldap_init_fd(fd_, is_local() ? LDAP_PROTO_IPC : LDAP_PROTO_TCP, url.c_str(), &raw);
        if (code != LDAP_SUCCESS) return local_error(nullptr, code, "set-up");
        handle_.reset(raw);
        (void)descriptor.release();  // the handle's from now on
        int const version = LDAP_VERSION3;
        ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
        ldap_set_option(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
        ldap_set_option(raw, LDAP_OPT_RESTART, LDAP_OPT_ON);
        Sockbuf* buffer = nullptr;
        ldap_get_option(raw, LDAP_OPT_SOCKBUF, &buffer);
        auto limit = max_incoming_message;
        ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit);
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> secure() {
        bool const starttls = settings_.starttls && !is_ldaps() && !is_local();
        if (!starttls && !is_ldaps()) return std::nullopt;
        if (starttls) {
            int id = 0;
            auto const code = ldap_start_tls(handle_.get(), nullptr, nullptr, &id);
            if (code != LDAP_SUCCESS) return local_error(handle_.get(), code, "StartTLS");
            if (auto error = await(id, "StartTLS")) {
                if (!is_transient(error->code)) error->code = Errc::tls;
                return error;
            }
        }
        if (auto error = set_tls_options()) return error;
        auto const code = ldap_install_tls(handle_.get());
        if (code == LDAP_SUCCESS) return std::nullopt;
        auto error = local_error(
            handle_.get(),
            code,
            fmt::format(
                "TLS handshake with '{}', certificates from {}",
                host(),
                settings_.tls_ca.empty() ? "the system" : settings_.tls_ca
            )
        );
        if (error.code != Errc::timeout) error.code = Errc::tls;
        return error;
    }

    [[nodiscard]] std::optional<Error> set_tls_options() {
        auto* const handle = handle_.get();
        auto const ca = settings_.tls_ca.empty() ? std::string(system_ca) : settings_.tls_ca;
        ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, ca.c_str());
        int const demand = settings_.tls_verify ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
        ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
        int const as_client = 0;
        if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &as_client) != LDAP_SUCCESS) {
            return Error(Errc::tls, fmt::format("the certificates in '{}' cannot be used", ca));
        }
        // Only these two together with a non-blocking descriptor bound the handshake: every other
        // combination hangs or spins on a silent peer (libldap 2.5.13).
        auto const left = std::max(patience_.left(), milliseconds(1));
        timeval const limit{left.count() / 1000, left.count() % 1000 * 1000};
        ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &limit);
        ldap_set_option(handle, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON);
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> bind() {
        // Anonymous too (RFC 4513 5.1.1): the answer tells that there is a server, and that it
        // works.
        auto password = settings_.password;
        berval credentials{password.size(), password.data()};
        int id = 0;
        auto const code = ldap_sasl_bind(
            handle_.get(),
            settings_.bind_dn.c_str(),
            LDAP_SASL_SIMPLE,
            &credentials,
            nullptr,
            nullptr,
            &id
        );
        auto const doing = settings_.bind_dn.empty()
                               ? "anonymous bind"
                               : fmt::format("bind as '{}'", settings_.bind_dn);
        if (code != LDAP_SUCCESS) return local_error(handle_.get(), code, doing);
        return await(id, doing);
    }

    // The answer to one operation: nothing, or the error.
    [[nodiscard]] std::optional<Error> await(int id, std::string const& doing) {
        for (;;) {
            LDAPMessage* raw = nullptr;
            timeval now{};
            auto const type = ldap_result(handle_.get(), id, LDAP_MSG_ALL, &now, &raw);
            Message const message(raw);
            if (type < 0) {
                return Error(Errc::unreachable, fmt::format("{}: connection lost", doing));
            }
            if (type > 0) {
                auto error = to_error(handle_.get(), message.get());
                if (error) error->what = fmt::format("{}: {}", doing, error->what);
                return error;
            }
            if (auto error = patience_.wait(fd_, POLLIN, doing)) return error;
        }
    }

    ConnectSettings const& settings_;
    std::stop_token stop_;
    Patience patience_;
    Url url_;
    Handle handle_;
    int fd_ = -1;  // the handle's
};

}  // namespace

void HandleDeleter::operator()(::ldap* handle) const noexcept {
    ldap_unbind_ext(handle, nullptr, nullptr);
}

std::string protection_of(::ldap* handle) {
    char* raw = nullptr;
    if (ldap_get_option(handle, LDAP_OPT_X_TLS_VERSION, &raw) != LDAP_OPT_SUCCESS) return {};
    if (raw == nullptr) return {};
    std::string const version(raw);
    ldap_memfree(raw);
    return version;
}

Result<Handle> connect(ConnectSettings const& settings, std::stop_token const& stop) {
    initialise_libldap();
    return Connecting(settings, stop).run();
}

}  // namespace splitmx::ldap::net
