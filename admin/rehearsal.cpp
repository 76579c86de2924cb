#include "admin/rehearsal.hpp"

#include "admin/complaint.hpp"
#include "admin/decision_diff.hpp"
#include "admin/judge.hpp"
#include "admin/terminal.hpp"
#include "config/suggestion.hpp"
#include "mail/header_scan.hpp"
#include "smtp/server_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "control/session_settings.hpp"

namespace splitmx::admin {

namespace {

using smtp::ServerSession;

constexpr char const* session_verb = "session";

// A recipient that was accepted, and where it would go.
struct Accepted {
    std::string typed;
    std::vector<JudgedRoute> routes;
};

class Rehearsal {
public:
    Rehearsal(
        RehearsalOptions const& options,
        Context const& context,
        Judge& judge,
        config::Listener const& listener,
        smtp::ServerSettings settings
    )
        : streams_(context.streams),
          paint_(context.global.colour, context.streams.output),
          // Who types sees what was typed.
          echoes_(!is_input_terminal(context.streams)),
          judge_(judge),
          session_(std::move(settings)) {
        with_.client = options.client;
        with_.local_address = options.local_address;
        with_.listener = listener.name;
    }

    void refuse(mail::Status const& reply, std::string why) {
        if (session_.is_tls())
            session_.refuse(reply);
        else
            session_.turn_away(reply);
        reasons_.push_back(std::move(why));
    }
    void note(std::string text) { reasons_.push_back(std::move(text)); }

    ExitCode run() {
        while (!ended_) {
            auto const step = session_.next();
            if (step == ServerSession::Step::need_input)
                read();
            else if (step == ServerSession::Step::verify_recipients)
                verify();
            else if (step == ServerSession::Step::store_body)
                take(session_.take_body());
            else if (step == ServerSession::Step::finish_message)
                finish();
            else if (step == ServerSession::Step::discard_message)
                begin_message();
            else if (step == ServerSession::Step::start_tls)
                start_tls();
            else if (step == ServerSession::Step::check_login)
                check_login();
            else
                ended_ = true;
        }
        speak();
        return code_;
    }

private:
    // The replies that are due, then why they are what they are.
    void speak() {
        auto const output = session_.take_output();
        for (std::string_view rest = output; !rest.empty();) {
            auto const end = std::min(rest.find("\r\n"), rest.size());
            auto const line = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 2, rest.size()));
            bool const bad = line.starts_with('4') || line.starts_with('5');
            streams_.output << "S: " << (bad ? paint_.red(line) : std::string(line)) << "\n";
        }
        if (auto const delay = session_.take_delay(); delay > mail::Duration::zero()) {
            note(fmt::format("the relay would wait {:.0f} s before this reply", seconds(delay)));
        }
        for (auto const& text : std::exchange(reasons_, {})) print_reason(text);
        streams_.output << std::flush;
    }

    static double seconds(mail::Duration duration) {
        return std::chrono::duration<double>(duration).count();
    }

    void print_reason(std::string_view text) {
        for (;;) {
            auto const end = std::min(text.find('\n'), text.size());
            streams_.output << "   " << paint_.faint(text.substr(0, end)) << "\n";
            if (end == text.size()) return;
            text.remove_prefix(end + 1);
        }
    }

    void read() {
        speak();
        std::string line;
        if (!std::getline(streams_.input, line)) {
            ended_ = true;
            return;
        }
        if (line.ends_with('\r')) line.pop_back();
        if (echoes_) streams_.output << "C: " << mail::to_log_text(line) << "\n";
        session_.feed(line + "\r\n");
    }

    void verify() {
        with_.from = session_.transaction().from.to_wire();
        with_.identity = session_.identity();
        std::vector<mail::Status> verdicts;
        auto const paths = session_.to_verify();
        for (auto const& path : paths) {
            auto judged = judge_.ask(with_, path.typed());
            if (auto const* code = std::get_if<ExitCode>(&judged)) {
                code_ = *code;
                ended_ = true;
                return;
            }
            auto& one = std::get<Judged>(judged);
            for (auto& text : one.lines) note(std::move(text));
            verdicts.push_back(one.reply);
            if (one.is_accepted()) accepted_.push_back({path.typed(), std::move(one.routes)});
        }
        session_.recipients_verified(verdicts);
    }

    void begin_message() {
        accepted_.clear();
        octets_ = 0;
        scan_ = mail::HeaderScan(0);
    }

    void take(std::string const& octets) {
        octets_ += octets.size();
        if (scan_.wants_more()) scan_.feed(octets);
    }

    void finish() {
        take(session_.take_body());
        auto const most = judge_.config().server.max_hops;
        if (scan_.received_count() > most) {
            note(fmt::format(
                "{} Received fields, [server] max_hops = {}", scan_.received_count(), most
            ));
            session_.message_finished({554, {4, 6}, "Too many hops, this message is looping"});
        } else {
            note(fmt::format(
                "{} octets; the relay would keep it on the disk, and send:", grouped(octets_)
            ));
            for (auto const& recipient : session_.transaction().recipients) tell_routes(recipient);
            session_.message_finished({250, {6, 0}, "Not stored: nothing is sent in a rehearsal"});
        }
        begin_message();
    }

    void tell_routes(smtp::AcceptedRecipient const& recipient) {
        auto const found = std::find_if(accepted_.begin(), accepted_.end(), [&](auto const& one) {
            return one.typed == recipient.path.typed();
        });
        if (found == accepted_.end()) return;
        if (found->routes.empty()) note(found->typed + "  back to the sender, with a report");
        for (auto const& route : found->routes) {
            note(fmt::format("{}  ->  {}  RCPT TO:<{}>", found->typed, route.host, route.rcpt));
        }
    }

    void start_tls() {
        session_.begin_tls(true);
        note("from here on as under TLS; there is no handshake in a rehearsal");
    }

    void check_login() {
        note("any password is taken in a rehearsal; the relay would ask the directory");
        session_.login_checked(smtp::LoginVerdict::right);
    }

    Streams const& streams_;
    Paint paint_;
    bool echoes_;
    Judge& judge_;
    ServerSession session_;
    control::AskedWith with_;
    std::vector<std::string> reasons_;
    std::vector<Accepted> accepted_;
    std::size_t octets_ = 0;
    mail::HeaderScan scan_{0};
    bool ended_ = false;
    ExitCode code_ = ExitCode::ok;
};

config::Listener const* find_listener(config::Config const& config, std::string const& name) {
    auto const& all = config.listeners;
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& one) {
        return name.empty() || one.name == name;
    });
    return found == all.end() ? nullptr : &*found;
}

std::string no_listener(config::Config const& config, std::string const& name) {
    std::vector<std::string> names;
    for (auto const& listener : config.listeners) names.push_back(listener.name);
    if (names.empty()) return "the configuration has no [[listen]]";
    auto const hint = config::did_you_mean(config::nearest(name, names));
    return fmt::format(
        "there is no listener \"{}\"; {}",
        name,
        hint.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : hint
    );
}

}  // namespace

ExitCode rehearse(RehearsalOptions const& options, Context const& context) {
    auto const client = mail::IpAddress::parse(options.client);
    if (!client) return wrong_usage(context, session_verb, "--client: " + client.error().what);
    if (!options.local_address.empty()) {
        auto const local = mail::IpAddress::parse(options.local_address);
        if (!local)
            return wrong_usage(context, session_verb, "--local-address: " + local.error().what);
    }
    auto opened = Judge::open(options.offline, context, session_verb);
    if (auto const* code = std::get_if<ExitCode>(&opened)) return *code;
    auto& judge = std::get<Judge>(opened);
    auto const& config = judge.config();
    auto const* listener = find_listener(config, options.listener);
    if (listener == nullptr)
        return wrong_usage(context, session_verb, no_listener(config, options.listener));
    bool const has_certificate = config.tls.files.has_value();
    auto settings = control::session_settings(config, *listener, has_certificate, *client);
    Rehearsal rehearsal(options, context, judge, *listener, std::move(settings));
    rehearsal.note(fmt::format(
        "as if {} came to listener \"{}\" ({}); nothing is delivered",
        client->to_text(),
        listener->name,
        listener->source
    ));
    if (listener->tls == config::ListenerTls::implicit)
        rehearsal.note("under TLS from the beginning");
    if (!control::admits(*listener, *client)) {
        rehearsal.refuse(control::not_admitted(), "[[listen]] allow does not have this client");
    }
    return rehearsal.run();
}

}  // namespace splitmx::admin
