#include "admin/host_dialogue.hpp"

#include "mail/mailbox.hpp"
#include "smtp/data_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

namespace net = smtp::net;
using smtp::ClientSession;

void add_lines(
    AddressTest& test,
    HostTestLine::Kind kind,
    std::optional<mail::Duration> after,
    std::string_view octets
) {
    while (!octets.empty()) {
        auto const end = std::min(octets.find('\n'), octets.size());
        auto line = octets.substr(0, end);
        octets.remove_prefix(std::min(octets.size(), end + 1));
        while (line.ends_with('\r')) line.remove_suffix(1);
        test.lines.push_back({kind, std::exchange(after, std::nullopt), mail::to_log_text(line)});
    }
}

// A login without its secrets.
std::string masked(std::string_view output, ClientSession const& session) {
    if (session.step_name() != "AUTH" || output.starts_with("QUIT")) return std::string(output);
    if (!output.starts_with("AUTH ")) return "[hidden]";
    auto const response = output.find(' ', std::string_view("AUTH ").size());
    if (response == output.npos) return std::string(output);
    return fmt::format("{} [hidden]", output.substr(0, response));
}

}  // namespace

net::awaitable<void> HostDialogue::run() {
    bool open = true;
    while (open) {
        auto const step = session_.next();
        if (step == ClientSession::Step::idle || step == ClientSession::Step::done) {
            go_on();
        } else if (step == ClientSession::Step::send_content) {
            co_await send_content();
        } else if (step == ClientSession::Step::need_reply) {
            open = co_await exchange();
        } else if (step == ClientSession::Step::start_tls) {
            co_await start_tls();
        } else {
            open = false;
        }
    }
    auto const& failure = session_.failure();
    if (failure) add_lines(test_, Kind::note, watch_.lap(), failure->text);
    // Closed in the middle of it: what the session makes of that is the answer.
    if (is_on_errand_ && !test_.outcome) test_.outcome = session_.outcomes().front();
    connection_.close();
}

void HostDialogue::go_on() {
    test_.works = true;
    if (errand_ && !is_on_errand_) {
        is_on_errand_ = true;
        session_.begin(errand_->delivery);
        return;
    }
    if (is_on_errand_) test_.outcome = session_.outcomes().front();
    session_.quit();
}

net::awaitable<void> HostDialogue::send_content() {
    watchdog_.set(session_.time_limit());
    // DATA itself is written with what stands before it.
    std::vector<std::string_view> pieces;
    smtp::DataWriter writer;
    writer.write(errand_->content, pieces);
    writer.finish(pieces);
    auto note = fmt::format("> {} octets of content", errand_->content.size());
    add_lines(test_, Kind::note, std::nullopt, note);
    std::span<std::string_view const> const all(pieces);
    auto const written = co_await connection_.write_all(all);
    if (!written) lost();
    session_.content_sent();
}

net::awaitable<void> HostDialogue::start_tls() {
    watchdog_.set(session_.time_limit());
    auto trust = trust_;
    auto peer = peer_;
    auto const agreed = co_await connection_.connect_tls(std::move(trust), std::move(peer));
    if (!agreed) {
        broke_in_handshake_ = true;
        session_.tls_failed(watchdog_.expired() ? "Timed out" : agreed.error().what);
        co_return;
    }
    auto const proved = peer_.verify ? ", verified as " + peer_.name : "";
    auto text = fmt::format("{} {}{}", agreed->version, agreed->cipher, proved);
    add_lines(test_, Kind::note, watch_.lap(), text);
    session_.tls_started();
}

net::awaitable<bool> HostDialogue::exchange() {
    auto const output = session_.take_output();
    watchdog_.set(session_.time_limit());
    if (!output.empty()) {
        add_lines(test_, Kind::sent, std::nullopt, masked(output, session_));
        auto const written = co_await connection_.write_all(output);
        if (!written) lost();
    }
    std::span<char> const into(buffer_);
    auto const got = co_await connection_.read_some(into);
    if (!got || *got == 0) {
        lost();
        co_return true;
    }
    std::string_view const octets(buffer_.data(), *got);
    received_ += octets;
    auto const whole = received_.rfind('\n');
    if (whole != std::string::npos) {
        add_lines(test_, Kind::received, watch_.lap(), received_.substr(0, whole + 1));
        received_.erase(0, whole + 1);
    }
    session_.feed(octets);
    co_return true;
}

void HostDialogue::lost() {
    session_.connection_lost(watchdog_.expired() ? "Timed out" : "The connection was lost");
}

}  // namespace splitmx::admin
