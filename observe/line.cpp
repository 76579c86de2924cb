#include "observe/line.hpp"

#include "mail/date_time.hpp"
#include "mail/mailbox.hpp"
#include "observe/phrase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::observe {

namespace {

constexpr std::size_t shown_routes = 3;
constexpr std::size_t shown_recipients = 3;

std::string sender_text(mail::ReversePath const& path) { return Phrase().path(path).take(); }

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string joined(std::vector<std::string> const& texts, std::size_t shown) {
    std::string out;
    for (std::size_t i = 0; i < std::min(shown, texts.size()); ++i) {
        out += (i == 0 ? "" : ", ") + word(texts[i]);
    }
    if (texts.size() > shown) out += fmt::format(" and {} more", texts.size() - shown);
    return out;
}

void add_routes(Phrase& phrase, RecipientDecided const& event) {
    std::string_view between;
    auto const part = [&]() -> Phrase& {
        return phrase.put(std::exchange(between, std::string_view("; ")));
    };
    for (std::size_t i = 0; i < std::min(shown_routes, event.routes.size()); ++i) {
        auto const& route = event.routes[i];
        part().word(route.host).put(" RCPT TO:").in_brackets(route.rcpt);
    }
    if (event.routes.size() > shown_routes) {
        part().number(event.routes.size() - shown_routes).put(" more");
    }
    if (event.failed > 0) part().put(counted(event.failed, "member")).put(" failed");
}

// -- one overload for each event ------------------------------------------------------------------

Content describe(ServerStarted const& e) {
    return {
        "",
        "start",
        fmt::format("version={} config={} hash={}", word(e.version), word(e.config_file), e.hash)};
}

Content describe(ServerStopping const& e) { return {"", "stop", mail::to_log_text(e.why)}; }

Content describe(ListenerOpened const& e) {
    return {"", "listen", fmt::format("{} {}", word(e.name), word(e.endpoint))};
}

Content describe(ListenerClosed const& e) {
    return {"", "unlisten", fmt::format("{} {}", word(e.name), word(e.endpoint))};
}

Content describe(ConfigReloaded const& e) {
    return {
        "",
        "reload",
        fmt::format(
            "config={} by={} generation={} hash={} {}",
            word(e.config_file),
            word(e.by),
            e.generation,
            e.hash,
            counted(e.changes, "change")
        )};
}

Content describe(ConfigRejected const& e) {
    return {
        "",
        "reload",
        fmt::format(
            "failed, the old configuration stays: config={} by={} {}: {}",
            word(e.config_file),
            word(e.by),
            counted(e.errors, "error"),
            mail::to_log_text(e.first_error)
        )};
}

Content describe(AdminAction const& e) {
    return {
        "",
        "admin",
        fmt::format(
            "{}{} by={} uid={} pid={} {}",
            mail::to_log_text(e.verb),
            e.what.empty() ? "" : " [" + mail::to_log_text(e.what) + "]",
            word(e.user),
            e.uid,
            e.pid,
            mail::to_log_text(e.result)
        )};
}

Content describe(ClientConnected const& e) {
    return {
        e.id,
        "connect",
        fmt::format(
            "client={} listener={}{}",
            e.client.to_text(),
            word(e.listener),
            e.front_end ? fmt::format(" front_end={}", e.front_end->to_text()) : std::string()
        )};
}

Content describe(ClientRefused const& e) {
    return {
        "",
        "block",
        fmt::format(
            "client={} listener={} {}",
            e.client.to_text(),
            word(e.listener),
            mail::to_log_text(e.why)
        )};
}

Content describe(TlsStarted const& e) {
    return {
        e.id,
        "tls",
        fmt::format("client={} {} {}", e.client.to_text(), word(e.version), word(e.cipher))};
}

Content describe(TlsFailed const& e) {
    return {
        e.id,
        "tls",
        fmt::format(
            "client={} the handshake failed: {}", e.client.to_text(), mail::to_log_text(e.why)
        )};
}

Content describe(LoginChecked const& e) {
    return {
        e.id,
        "login",
        fmt::format(
            "client={} {} {}: {}",
            e.client.to_text(),
            word(e.login),
            to_text(e.result),
            mail::to_log_text(e.detail)
        )};
}

Content describe(HostTlsStarted const& e) {
    return {
        "",
        "tls",
        fmt::format(
            "host={} {} {}{}",
            word(e.host),
            word(e.version),
            word(e.cipher),
            e.verified ? " verified" : ""
        )};
}

Content describe(SessionEnded const& e) {
    return {
        e.id,
        "close",
        fmt::format(
            "client={} messages={} {}", e.client.to_text(), e.messages, mail::to_log_text(e.why)
        )};
}

Content describe(RecipientDecided const& e) {
    auto const reason = mail::to_id(e.reason);
    Phrase phrase;
    phrase.word(e.address).put(" -> ");
    if (e.verdict != resolver::Verdict::deliver) {
        phrase.put(resolver::to_text(e.verdict)).put(" ").put(reason);
        return {e.id, "decide", phrase.take()};
    }
    add_routes(phrase, e);
    phrase.put(" ").put(reason);
    if (e.routes.size() == 1 && !e.routes.front().entry.empty()) {
        phrase.put(" entry=").word(e.routes.front().entry);
    }
    return {e.id, "decide", phrase.take()};
}

Content describe(RecipientRefused const& e) {
    return {
        e.id,
        "reject",
        fmt::format(
            "{} -> {} {} {} from={} client={}{}",
            word(e.address),
            e.status.code,
            e.status.enhanced_text(),
            mail::to_id(e.reason),
            sender_text(e.from),
            e.client.to_text(),
            e.account.empty() ? "" : " account=" + word(e.account)
        )};
}

Content describe(AmbiguousAddress const& e) {
    return {
        "",
        "ambiguous",
        fmt::format(
            "{} is held by {} entries: {}",
            word(e.address),
            e.entries.size(),
            joined(e.entries, e.entries.size())
        )};
}

Content describe(MessageReceived const& e) {
    Phrase phrase;
    phrase.put("from=").path(e.from).put(" client=").put(e.client.to_text());
    phrase.put(" size=").number(e.size).put(" recipients=").number(e.recipients);
    if (!e.message_id.empty()) phrase.put(" message-id=").word(e.message_id);
    if (e.session != e.id && !e.session.empty()) phrase.put(" session=").word(e.session);
    return {e.id, "receive", phrase.take()};
}

Content describe(MessageRejected const& e) {
    return {
        e.id,
        "refuse",
        fmt::format(
            "from={} client={} {}", sender_text(e.from), e.client.to_text(), e.status.to_log()
        )};
}

Content describe(DeliveryAttempted const& e) {
    auto const what =
        e.status.is_positive() ? "send" : (e.status.is_transient() ? "defer" : "fail");
    Phrase phrase;
    phrase.word(e.rcpt).put(" -> ").word(e.host);
    if (e.original != e.rcpt && !e.original.empty()) phrase.put(" original=").word(e.original);
    phrase.put(" delay=").seconds(e.delay);
    if (!e.by.empty()) phrase.put(" by=").word(e.by);
    phrase.put(" ").put(e.status.to_log());
    return {e.id, what, phrase.take()};
}

Content describe(RecipientMoved const& e) {
    Phrase phrase;
    phrase.word(e.rcpt).put(" -> ").word(e.to);
    if (e.original != e.rcpt && !e.original.empty()) phrase.put(" original=").word(e.original);
    phrase.put(" from=").word(e.from).put(" by=").word(e.by);
    return {e.id, "move", phrase.take()};
}

Content describe(MessageDeferred const& e) {
    return {
        e.id,
        "wait",
        fmt::format("recipients={} next={}", e.recipients, mail::to_timestamp(e.next_attempt))};
}

Content describe(MessageRemoved const& e) {
    Phrase phrase;
    phrase.put("delivered=").number(e.delivered).put(" failed=").number(e.failed);
    phrase.put(" age=").seconds(e.age);
    return {e.id, "remove", phrase.take()};
}

Content describe(ReportSent const& e) {
    return {
        e.id,
        "report",
        fmt::format(
            "{} about={} to={} for {}{}",
            to_text(e.kind),
            word(e.about),
            sender_text(e.to),
            joined(e.recipients, shown_recipients),
            e.reason ? fmt::format(" {}", mail::to_id(*e.reason)) : ""
        )};
}

Content describe(ReportSuppressed const& e) {
    return {
        e.about,
        "drop",
        fmt::format(
            "no report {} for {}: {}",
            !e.by.empty() ? "by=" + word(e.by) : (e.is_unwanted ? "wanted" : "to <>"),
            word(e.address),
            e.status.to_log()
        )};
}

// "1d02h", "3h20m", "45s"
std::string span(mail::Duration duration) {
    auto const all = duration.count() / 1000;
    auto const [days, hours, minutes] = std::array{all / 86400, all / 3600 % 24, all / 60 % 60};
    if (days > 0) return fmt::format("{}d{:02}h", days, hours);
    if (hours > 0) return fmt::format("{}h{:02}m", hours, minutes);
    if (minutes > 0) return fmt::format("{}m{:02}s", minutes, all % 60);
    return fmt::format("{}s", all);
}

Content describe(HostConditionChanged const& e) {
    auto const name = word(e.name);
    auto const messages = counted(e.messages, "message");
    auto const waiting = messages + (e.messages == 1 ? " waits" : " wait");
    auto const going = messages + (e.messages == 1 ? " goes on" : " go on");
    switch (e.event) {
        case HostEvent::down:
            return {
                "",
                "host",
                fmt::format("{} is down, {}: {}", name, waiting, mail::to_log_text(e.text))};
        case HostEvent::up:
            return {
                "", "host", fmt::format("{} is back after {}, {}", name, span(e.lasted), going)};
        case HostEvent::paused:
            return {
                "",
                "host",
                fmt::format("{} is paused, {}: {}", name, waiting, mail::to_log_text(e.text))};
        case HostEvent::resumed:
            return {
                "",
                "host",
                fmt::format("{} goes on after a pause of {}, {}", name, span(e.lasted), going)};
    }
    return {};
}

Content describe(DirectoryChanged const& e) {
    bool const up = e.state == DirectoryState::up;
    return {
        "",
        "directory",
        fmt::format("{} {}: {}", word(e.name), up ? "up" : "down", mail::to_log_text(e.text))};
}

Content describe(MessageSetAside const& e) {
    return {e.id, "damaged", mail::to_log_text(e.what) + "; set aside, it will not be sent"};
}

Content describe(DirectoryNote const& e) {
    return {"", "directory", fmt::format("{}: {}", word(e.name), mail::to_log_text(e.text))};
}

Content describe(SpoolTrouble const& e) { return {e.id, "spool", mail::to_log_text(e.what)}; }

// A column is as wide as its words usually are.
constexpr std::size_t level_width = 5;
constexpr std::size_t id_width = 10;
constexpr std::size_t word_width = 9;

std::string columns(
    Level level,
    std::string_view id,
    std::string_view what,
    std::string_view text,
    mail::Instant now
) {
    auto const stamp = mail::timestamp(now);
    auto const id_word = id.empty() ? "-" : word(id);
    auto const id_end = std::max(id_width, id_word.size());
    auto const what_end = std::max(word_width, what.size());
    std::string line(stamp.size() + level_width + id_end + what_end + text.size() + 4, ' ');
    auto* at = line.data();
    auto const put = [&at](std::string_view cell, std::size_t width) {
        cell.copy(at, cell.size());
        at += width + 1;
    };
    put({stamp.data(), stamp.size()}, stamp.size());
    put(to_text(level), level_width);
    put(id_word, id_end);
    put(what, what_end);
    text.copy(at, text.size());
    return line;
}

}  // namespace

Content content_of(Event const& event) {
    return std::visit([](auto const& e) { return describe(e); }, event);
}

std::string to_line(Event const& event, mail::Instant now) {
    auto const content = content_of(event);
    return columns(level_of(event), content.id, content.word, content.text, now);
}

std::string to_line(
    Level level, std::string_view component, std::string_view text, mail::Instant now
) {
    return columns(level, "", word(component), mail::to_log_text(text), now);
}

}  // namespace splitmx::observe
