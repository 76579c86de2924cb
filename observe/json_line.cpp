#include "observe/json_line.hpp"

#include "mail/date_time.hpp"
#include "observe/json_object.hpp"

#include <algorithm>

namespace splitmx::observe {

namespace {

using std::int64_t;

constexpr std::size_t usual_length = 400;

int64_t number(auto value) { return static_cast<int64_t>(value); }

std::string sender(mail::ReversePath const& path) {
    return path.is_null() ? std::string() : path.to_wire();
}

void add_status(JsonObject& to, mail::Status const& status) {
    to.number("code", status.code);
    to.text("enhanced", status.enhanced_text()).text("text", status.text);
}

// -- the word of an event, and one overload for each that adds its members ------------------------

struct Begin {
    std::string& out;
    mail::Instant now;
    Level level;

    JsonObject operator()(std::string_view event, std::string_view id = {}) const {
        JsonObject object(out);
        object.text("time", mail::to_timestamp(now)).text("level", to_text(level));
        object.text("event", event).text_unless_empty("id", id);
        return object;
    }
};

void write(ServerStarted const& e, Begin const& begin) {
    begin("start")
        .text("version", e.version)
        .text("config", e.config_file)
        .text("hash", e.hash)
        .end();
}

void write(ServerStopping const& e, Begin const& begin) { begin("stop").text("why", e.why).end(); }

void write(ListenerOpened const& e, Begin const& begin) {
    begin("listen").text("listener", e.name).text("address", e.endpoint).end();
}

void write(ListenerClosed const& e, Begin const& begin) {
    begin("unlisten").text("listener", e.name).text("address", e.endpoint).end();
}

void write(ConfigReloaded const& e, Begin const& begin) {
    auto object = begin("reload");
    object.flag("done", true).text("config", e.config_file).text("by", e.by).text("hash", e.hash);
    object.number("generation", number(e.generation)).number("changes", number(e.changes)).end();
}

void write(ConfigRejected const& e, Begin const& begin) {
    auto object = begin("reload");
    object.flag("done", false).text("config", e.config_file).text("by", e.by);
    object.number("errors", number(e.errors)).text("text", e.first_error).end();
}

void write(AdminAction const& e, Begin const& begin) {
    auto object = begin("admin");
    object.text("user", e.user).number("uid", e.uid).number("pid", e.pid).text("verb", e.verb);
    object.text_unless_empty("what", e.what).text("result", e.result).end();
}

void write(ClientConnected const& e, Begin const& begin) {
    auto object = begin("connect", e.id);
    object.text("client", e.client.to_text()).text("listener", e.listener);
    object.text_unless_empty("front_end", e.front_end ? e.front_end->to_text() : "").end();
}

void write(ClientRefused const& e, Begin const& begin) {
    auto object = begin("block");
    object.text("client", e.client.to_text()).text("listener", e.listener).text("why", e.why).end();
}

void write(TlsStarted const& e, Begin const& begin) {
    auto object = begin("tls", e.id);
    object.flag("done", true).text("client", e.client.to_text());
    object.text("version", e.version).text("cipher", e.cipher).end();
}

void write(TlsFailed const& e, Begin const& begin) {
    auto object = begin("tls", e.id);
    object.flag("done", false).text("client", e.client.to_text()).text("why", e.why).end();
}

void write(HostTlsStarted const& e, Begin const& begin) {
    auto object = begin("tls");
    object.flag("done", true).text("host", e.host).text("version", e.version);
    object.text("cipher", e.cipher).flag("verified", e.verified).end();
}

void write(LoginChecked const& e, Begin const& begin) {
    auto object = begin("login", e.id);
    object.text("client", e.client.to_text()).text("login", e.login);
    object.text("result", to_text(e.result)).text("detail", e.detail).end();
}

void write(SessionEnded const& e, Begin const& begin) {
    auto object = begin("close", e.id);
    object.text("client", e.client.to_text()).number("messages", number(e.messages));
    object.text("why", e.why).end();
}

void append_routes(std::string& out, std::vector<DecidedRoute> const& routes) {
    out += '[';
    for (auto const& route : routes) {
        if (&route != &routes.front()) out += ',';
        JsonObject(out)
            .text("rcpt", route.rcpt)
            .text("host", route.host)
            .text_unless_empty("entry", route.entry)
            .end();
    }
    out += ']';
}

void write(RecipientDecided const& e, Begin const& begin) {
    auto object = begin("decide", e.id);
    object.text_unless_empty("session", e.session).text("address", e.address);
    object.text("verdict", resolver::to_text(e.verdict)).text("reason", mail::to_id(e.reason));
    object.value("routes", [&e](std::string& out) { append_routes(out, e.routes); });
    object.number("failed", number(e.failed)).end();
}

void write(RecipientRefused const& e, Begin const& begin) {
    auto object = begin("reject", e.id);
    object.text_unless_empty("session", e.session).text("address", e.address);
    object.text("reason", mail::to_id(e.reason));
    add_status(object, e.status);
    object.text("from", sender(e.from)).text("client", e.client.to_text());
    object.text_unless_empty("account", e.account).text("helo", e.helo);
    object.text("protocol", e.protocol).end();
}

void write(AmbiguousAddress const& e, Begin const& begin) {
    begin("ambiguous").text("address", e.address).texts("entries", e.entries).end();
}

void write(MessageReceived const& e, Begin const& begin) {
    auto object = begin("receive", e.id);
    object.text_unless_empty("session", e.session).text("from", sender(e.from));
    object.text("client", e.client.to_text()).number("size", number(e.size));
    object.number("recipients", number(e.recipients));
    object.text_unless_empty("message_id", e.message_id).text("listener", e.listener);
    object.text("helo", e.helo).text("protocol", e.protocol).end();
}

void write(MessageRejected const& e, Begin const& begin) {
    auto object = begin("refuse", e.id);
    object.text("from", sender(e.from)).text("client", e.client.to_text());
    add_status(object, e.status);
    object.end();
}

void write(DeliveryAttempted const& e, Begin const& begin) {
    auto const word = e.status.is_positive() ? "send" : (e.status.is_transient() ? "defer" : "fail");
    auto object = begin(word, e.id);
    object.text("rcpt", e.rcpt).text_unless_empty("original", e.original);
    object.text("host", e.hop).text("mta", e.host).seconds("delay_s", e.delay.count());
    object.text_unless_empty("by", e.by);
    add_status(object, e.status);
    object.end();
}

void write(RecipientMoved const& e, Begin const& begin) {
    auto object = begin("move", e.id);
    object.text("rcpt", e.rcpt).text_unless_empty("original", e.original);
    object.text("host", e.to).text("from_host", e.from).text("by", e.by).end();
}

void write(MessageDeferred const& e, Begin const& begin) {
    auto object = begin("wait", e.id);
    object.number("recipients", number(e.recipients));
    object.text("next", mail::to_timestamp(e.next_attempt)).end();
}

void write(MessageRemoved const& e, Begin const& begin) {
    auto object = begin("remove", e.id);
    object.number("delivered", number(e.delivered)).number("failed", number(e.failed));
    object.seconds("age_s", e.age.count()).end();
}

void write(ReportSent const& e, Begin const& begin) {
    auto object = begin("report", e.id);
    object.text("about", e.about).text("kind", to_text(e.kind)).text("to", sender(e.to));
    object.texts("recipients", e.recipients);
    if (e.reason) object.text("reason", mail::to_id(*e.reason));
    object.text_unless_empty("by", e.by).end();
}

void write(ReportSuppressed const& e, Begin const& begin) {
    auto object = begin("drop", e.about);
    object.text("address", e.address).flag("unwanted", e.is_unwanted);
    object.text_unless_empty("by", e.by);
    add_status(object, e.status);
    object.end();
}

std::string_view to_text(HostEvent event) {
    switch (event) {
        case HostEvent::down:
            return "down";
        case HostEvent::up:
            return "up";
        case HostEvent::paused:
            return "paused";
        case HostEvent::resumed:
            return "resumed";
    }
    return {};
}

void write(HostConditionChanged const& e, Begin const& begin) {
    auto object = begin("host");
    object.text("host", e.name).text("state", to_text(e.event)).text_unless_empty("text", e.text);
    object.seconds("lasted_s", e.lasted.count()).number("waiting", number(e.messages)).end();
}

void write(DirectoryChanged const& e, Begin const& begin) {
    auto object = begin("directory");
    object.text("directory", e.name).text("state", e.state == DirectoryState::up ? "up" : "down");
    object.text("text", e.text).end();
}

void write(DirectoryNote const& e, Begin const& begin) {
    begin("directory").text("directory", e.name).text("text", e.text).flag("alarm", e.alarm).end();
}

void write(SpoolTrouble const& e, Begin const& begin) {
    begin("spool", e.id).text("text", e.what).end();
}

void write(MessageSetAside const& e, Begin const& begin) {
    begin("damaged", e.id).text("text", e.what).end();
}

}  // namespace

std::string to_json_line(Event const& event, mail::Instant now) {
    std::string out;
    out.reserve(usual_length);
    Begin const begin{out, now, level_of(event)};
    std::visit([&begin](auto const& e) { write(e, begin); }, event);
    return out;
}

std::string to_json_line(
    Level level, std::string_view component, std::string_view text, mail::Instant now
) {
    std::string out;
    Begin const begin{out, now, level};
    begin("note").text("component", component).text("text", text).end();
    return out;
}

}  // namespace splitmx::observe
