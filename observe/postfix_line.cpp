#include "observe/postfix_line.hpp"

#include "mail/date_time.hpp"
#include "mail/mailbox.hpp"
#include "observe/line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace splitmx::observe {

namespace {

constexpr std::string_view cleanup = "cleanup";
constexpr std::string_view smtpd = "smtpd";
constexpr std::string_view queue = "qmgr";
constexpr std::size_t most_routes = 3;

std::string without(std::string_view text, std::string_view unwanted) {
    auto safe = mail::to_log_text(text);
    for (char& c : safe) {
        if (unwanted.find(c) != std::string_view::npos) c = '?';
    }
    return safe;
}

// Between < and >.
std::string address(std::string_view text) { return without(text, "<> \t;,()"); }

std::string address(mail::ReversePath const& path) {
    return path.is_null() ? std::string() : address(path.to_wire());
}

// How a client calls itself; may be an address literal.
std::string helo(std::string_view text) { return without(text, "<>(){};,=\" \t"); }

// A word of ours or of the configuration.
std::string name(std::string_view text) { return without(text, "<>()[]{};,:=\" \t"); }

std::string id_of(std::string_view text) { return text.empty() ? "-" : name(text); }

// Within parentheses, at the end of a line; pflogsumm would take a `from=<a>, size=9` in it.
std::string answer(mail::Status const& status) { return without(status.to_log(), "()<>"); }

std::string client(mail::IpAddress const& client) {
    return fmt::format("unknown[{}]", client.to_text());
}

std::string seconds(mail::Duration duration) {
    return fmt::format("{:.1f}", static_cast<double>(duration.count()) / 1000.0);
}

// "mbx1.adatum.com[10.0.0.1]:25"; "none" where nobody was reached, and our own words are the answer.
// A host that has no name stands with its address in both places, as with Postfix.
std::string relay(DeliveryAttempted const& e) {
    auto const safe = without(e.host, "<>(){};,=\" \t");
    auto const port = safe.rfind(':');
    if (port == std::string::npos || (e.host == e.hop && safe.find('[') == std::string::npos)) {
        return "none";
    }
    auto name = safe.substr(0, port);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    if (name.find('[') != std::string::npos) return safe;
    return fmt::format("{}[{}]{}", name, name, safe.substr(port));
}

class Lines {
public:
    Lines(Origin const& origin, mail::Instant now) : origin_(origin), now_(now) {}

    void add(std::string_view daemon, std::string_view text) {
        if (!all_.empty()) all_ += '\n';
        fmt::format_to(
            std::back_inserter(all_),
            "{} {} {}/{}[{}]: {}",
            mail::to_timestamp(now_),
            origin_.host,
            origin_.program,
            daemon,
            origin_.pid,
            text
        );
    }
    std::string take() { return std::move(all_); }

private:
    Origin const& origin_;
    mail::Instant now_;
    std::string all_;
};

// What fail2ban and pflogsumm know a refusal by.
std::string refusal(mail::Reason reason, mail::Status const& status) {
    if (reason == mail::Reason::unknown_recipient) return "Recipient address rejected: User unknown";
    if (reason == mail::Reason::relay_denied) return "Relay access denied";
    return "Recipient address rejected: " + without(status.text, ";,");
}

// -- one overload for each event that Postfix has -------------------------------------------------

void write(ClientConnected const& e, Lines& to) {
    to.add(smtpd, "connect from " + client(e.client));
}

void write(SessionEnded const& e, Lines& to) {
    to.add(smtpd, "disconnect from " + client(e.client));
}

void write(ClientRefused const& e, Lines& to) {
    auto const why = without(e.why, "<>;,");
    to.add(smtpd, fmt::format("NOQUEUE: reject: CONNECT from {}: {};", client(e.client), why));
}

// Postfix knows no such line; `to=<>` without `relay=` is counted by nobody.
void write(RecipientDecided const& e, Lines& to) {
    auto const begin = fmt::format(
        "{}: to=<{}>, route={}", id_of(e.id), address(e.address), mail::to_id(e.reason)
    );
    if (e.routes.empty()) to.add("resolve", begin);
    auto const shown = std::min(e.routes.size(), most_routes);
    for (std::size_t i = 0; i < shown; ++i) {
        auto const& route = e.routes[i];
        auto text = fmt::format("{}, host={}, rcpt=<{}>", begin, helo(route.host), address(route.rcpt));
        if (!route.entry.empty()) text += fmt::format(", entry={}", without(route.entry, "<>[]"));
        to.add("resolve", text);
    }
}

void write(RecipientRefused const& e, Lines& to) {
    auto const is_queued = !e.session.empty() && e.session != e.id;
    auto const rcpt = address(e.address);
    to.add(
        smtpd,
        fmt::format(
            "{}: reject: RCPT from {}: {} {} <{}>: {}; from=<{}> to=<{}> proto={} helo=<{}>",
            is_queued ? id_of(e.id) : "NOQUEUE",
            client(e.client),
            e.status.code,
            e.status.enhanced_text(),
            rcpt,
            refusal(e.reason, e.status),
            address(e.from),
            rcpt,
            name(e.protocol),
            helo(e.helo)
        )
    );
}

void write(MessageRejected const& e, Lines& to) {
    to.add(
        cleanup,
        fmt::format(
            "{}: reject: END-OF-MESSAGE from {}: {}; from=<{}>",
            id_of(e.id),
            client(e.client),
            without(e.status.to_log(), "<>;,"),
            address(e.from)
        )
    );
}

void write(LoginChecked const& e, Lines& to) {
    if (e.result == LoginResult::right) {
        auto const id = id_of(e.id);
        auto const login = name(e.login);
        to.add(smtpd, fmt::format("{}: login from {}, sasl_username={}", id, client(e.client), login));
        return;
    }
    // What fail2ban takes for a wrong password, and what it takes for a fault of ours.
    auto const why = e.result == LoginResult::refused ? without(e.detail, ":<>[]")
                                                      : "Connection lost to authentication server";
    auto const from = client(e.client);
    to.add(smtpd, fmt::format("warning: {}: SASL PLAIN authentication failed: {}", from, why));
}

void write(MessageReceived const& e, Lines& to) {
    auto const id = id_of(e.id);
    to.add(smtpd, fmt::format("{}: client={}", id, client(e.client)));
    auto const message_id = without(e.message_id, " \t,;");
    to.add(cleanup, fmt::format("{}: message-id={}", id, message_id.empty() ? "<>" : message_id));
    auto const from = address(e.from);
    auto const count = e.recipients;
    auto const text =
        fmt::format("{}: from=<{}>, size={}, nrcpt={} (queue active)", id, from, e.size, count);
    to.add(queue, text);
}

void write(DeliveryAttempted const& e, Lines& to) {
    bool const differs = !e.original.empty() && e.original != e.rcpt;
    auto const delay = seconds(e.delay);
    auto const outcome =
        e.status.is_positive() ? "sent" : (e.status.is_transient() ? "deferred" : "bounced");
    to.add(
        "smtp",
        fmt::format(
            "{}: to=<{}>{}, relay={}, delay={}, delays={}/0/0/0, dsn={}, status={} ({})",
            id_of(e.id),
            address(e.rcpt),
            differs ? fmt::format(", orig_to=<{}>", address(e.original)) : "",
            relay(e),
            delay,
            delay,
            e.status.enhanced_text(),
            outcome,
            answer(e.status)
        )
    );
}

void write(MessageRemoved const& e, Lines& to) { to.add(queue, id_of(e.id) + ": removed"); }

void write(ReportSent const& e, Lines& to) {
    bool const failed = e.kind == ReportKind::failed;
    auto const kind = failed                              ? "non-delivery"
                      : (e.kind == ReportKind::delayed) ? "delay"
                                                          : "delivery status";
    auto const about = id_of(e.about);
    to.add("bounce", fmt::format("{}: sender {} notification: {}", about, kind, id_of(e.id)));
    auto const from = fmt::format("from=<>, size={}, nrcpt=1 (queue active)", e.size);
    to.add(queue, fmt::format("{}: {}", id_of(e.id), from));
}

std::string_view trouble(Level level) {
    switch (level) {
        case Level::warn:
            return "warning: ";
        case Level::error:
            return "error: ";
        case Level::debug:
        case Level::info:
            break;
    }
    return "";
}

// Text of ours with words from elsewhere: `[` and `: ` are what readers hold on to.
void write_other(Level level, Content const& content, Lines& to) {
    auto const text = without(content.text, "[]<>");
    if (content.id.empty())
        to.add(content.word, fmt::format("{}{}", trouble(level), text));
    else
        to.add(content.word, fmt::format("{}: {}{}", id_of(content.id), trouble(level), text));
}

template <class One>
concept IsOfPostfix = requires(One const& one, Lines& to) { write(one, to); };

}  // namespace

std::string to_postfix_lines(Event const& event, Origin const& origin, mail::Instant now) {
    Lines lines(origin, now);
    std::visit(
        [&](auto const& e) {
            if constexpr (IsOfPostfix<std::decay_t<decltype(e)>>)
                write(e, lines);
            else
                write_other(level_of(event), content_of(event), lines);
        },
        event
    );
    return lines.take();
}

std::string to_postfix_line(
    Level level,
    std::string_view component,
    std::string_view text,
    Origin const& origin,
    mail::Instant now
) {
    Lines lines(origin, now);
    lines.add(name(component), fmt::format("{}{}", trouble(level), without(text, "[]<>")));
    return lines.take();
}

}  // namespace splitmx::observe
