// Plays SMTP dialogues against sessions without a network.
// Server: a list of turns; the peer's octets go in, reply lines come out and match as prefixes.
// The shell's part is played too: local parts "refused", "later" and "closing" get 550, 451 and
// 421, everybody else 250; kept messages are collected. Whoever logs in needs the password
// "secret"; of "later" it cannot be known, "often" has failed too often. There is TLS whenever it
// is asked for. Client: a script of S (a reply line) and C (the command line expected next) that
// can be played again octet by octet, and with the connection lost after each turn.
#pragma once

#include "smtp/client_session.hpp"
#include "smtp/server_session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::tests {

struct Turn {
    enum class Kind { client, server, content, kept, discarded, closed };

    Kind kind = Kind::client;
    std::string text;
};

inline Turn C(std::string line) { return {Turn::Kind::client, std::move(line) + "\r\n"}; }
inline Turn C_raw(std::string octets) { return {Turn::Kind::client, std::move(octets)}; }
inline Turn S(std::string prefix) { return {Turn::Kind::server, std::move(prefix)}; }

enum class Feeding { bursts, octets };

// The shell of a server session, and what it saw.
class ServerPlayer {
public:
    ServerPlayer(smtp::ServerSettings settings, Feeding feeding)
        : session(std::move(settings)), feeding_(feeding) {
        run();
    }

    void send(std::string_view octets) {
        if (feeding_ == Feeding::bursts) {
            session.feed(octets);
            run();
            return;
        }
        for (std::size_t i = 0; i < octets.size(); ++i) {
            session.feed(octets.substr(i, 1));
            run();
        }
    }

    void run() {
        using Step = smtp::ServerSession::Step;
        for (;;) {
            switch (session.next()) {
                case Step::need_input:
                    output += session.take_output();
                    return;
                case Step::close:
                    output += session.take_output();
                    closed = true;
                    return;
                case Step::verify_recipients:
                    verify();
                    break;
                case Step::store_body:
                    stored_ += session.take_body();
                    break;
                case Step::discard_message:
                    stored_.clear();
                    ++discarded;
                    break;
                case Step::start_tls:
                    session.begin_tls(tls_available);
                    break;
                case Step::check_login:
                    check_login();
                    break;
                case Step::finish_message:
                    kept.push_back(stored_ + session.take_body());
                    stored_.clear();
                    envelopes.push_back(session.transaction());
                    session.message_finished({250, {6, 0}, "Message kept"});
                    break;
            }
        }
    }

    // The next reply line without CRLF; "" when there is none.
    std::string take_line() {
        auto const end = output.find("\r\n");
        auto line = output.substr(0, end);
        output.erase(0, end == std::string::npos ? end : end + 2);
        return line;
    }

    smtp::ServerSession session;
    std::string output;
    std::vector<std::string> kept;
    std::vector<smtp::Transaction> envelopes;
    std::vector<std::size_t> groups;  // how many recipients each verification had
    std::size_t discarded = 0;
    bool closed = false;
    bool tls_available = true;

private:
    void check_login() {
        auto const& [login, password] = session.credentials();
        using enum smtp::LoginVerdict;
        if (login == "later")
            session.login_checked(unknowable);
        else if (login == "often")
            session.login_checked(too_many);
        else
            session.login_checked(password == "secret" ? right : wrong);
    }

    void verify() {
        std::vector<mail::Status> verdicts;
        groups.push_back(session.to_verify().size());
        for (auto const& path : session.to_verify()) {
            auto const wire = path.to_wire();
            if (wire.starts_with("refused"))
                verdicts.emplace_back(550, mail::EnhancedCode{1, 1}, "Nobody here");
            else if (wire.starts_with("later"))
                verdicts.emplace_back(451, mail::EnhancedCode{4, 3}, "Try again");
            else if (wire.starts_with("closing"))
                verdicts.emplace_back(421, mail::EnhancedCode{3, 2}, "Going down");
            else
                verdicts.emplace_back(250, mail::EnhancedCode{1, 5}, "Recipient OK");
        }
        session.recipients_verified(verdicts);
    }

    Feeding feeding_;
    std::string stored_;
};

// Empty when the dialogue went as written, else what was wrong. Client turns in a row are one
// burst. Every reply has to be expected.
inline std::string play(
    std::vector<Turn> const& turns, smtp::ServerSettings const& settings, Feeding feeding
) {
    ServerPlayer player(settings, feeding);
    std::string burst;
    std::size_t kept_checked = 0;
    std::size_t discarded_checked = 0;
    auto const unexpected = [&] { return "reply nobody expected: " + player.output; };
    for (auto const& turn : turns) {
        if (turn.kind == Turn::Kind::client) {
            if (!player.output.empty()) return unexpected();
            burst += turn.text;
            continue;
        }
        player.send(burst);
        burst.clear();
        if (turn.kind == Turn::Kind::server) {
            auto const line = player.take_line();
            if (!line.starts_with(turn.text)) {
                return "expected \"" + turn.text + "\", got \"" + line + "\"";
            }
        } else if (turn.kind == Turn::Kind::kept) {
            if (player.kept.size() <= kept_checked) return "no message was kept";
            auto const& content = player.kept[kept_checked++];
            if (content != turn.text) return "kept as \"" + content + "\"";
        } else if (turn.kind == Turn::Kind::discarded) {
            if (player.discarded != ++discarded_checked) return "the message was not discarded";
        } else if (turn.kind == Turn::Kind::closed && !player.closed) {
            return "the session did not close";
        }
    }
    player.send(burst);
    if (!player.output.empty()) return unexpected();
    if (player.kept.size() != kept_checked) return "more messages were kept";
    if (player.discarded != discarded_checked) return "more messages were discarded";
    return {};
}

class ClientScript {
public:
    ClientScript(smtp::ClientSettings settings, smtp::Delivery delivery)
        : settings_(std::move(settings)), delivery_(std::move(delivery)) {}

    ClientScript& S(std::string line) { return add(Turn::Kind::server, std::move(line) + "\r\n"); }
    ClientScript& C(std::string line) { return add(Turn::Kind::client, std::move(line) + "\r\n"); }
    ClientScript& content() { return add(Turn::Kind::content, {}); }

    // What a run left behind.
    struct Played {
        std::string problem;  // empty: as written
        std::vector<mail::Status> outcomes;
        std::optional<mail::Status> failure;
        smtp::ClientSession::Step step = smtp::ClientSession::Step::closed;
    };

    Played play(Feeding feeding = Feeding::bursts) const {
        return play(turns_.size(), feeding, false);
    }

    // With the connection lost before the n-th turn, for every n: each outcome is the one of the
    // whole dialogue or transient, and none stays open. Empty, or what was wrong.
    std::string fails_at_every_step() const {
        auto const whole = play();
        for (std::size_t n = 0; n < turns_.size(); ++n) {
            auto const at = " when lost before turn " + std::to_string(n);
            auto const cut = play(n, Feeding::bursts, true);
            if (!cut.problem.empty()) return cut.problem + at;
            if (cut.step != smtp::ClientSession::Step::closed) return "not closed" + at;
            for (std::size_t i = 0; i < cut.outcomes.size(); ++i) {
                auto const& outcome = cut.outcomes[i];
                if (outcome != whole.outcomes.at(i) && !outcome.is_transient()) {
                    return "outcome " + outcome.to_log() + at;
                }
            }
        }
        return {};
    }

private:
    ClientScript& add(Turn::Kind kind, std::string text) {
        turns_.push_back({kind, std::move(text)});
        return *this;
    }

    // The delivery begins as soon as the session is idle, once.
    Played play(std::size_t count, Feeding feeding, bool lose) const {
        smtp::ClientSession session(settings_);
        Played played;
        std::string output;
        bool begun = false;
        auto const run = [&] {
            played.step = session.next();
            if (played.step == smtp::ClientSession::Step::idle && !begun) {
                begun = true;
                session.begin(delivery_);
                played.step = session.next();
            }
            output += session.take_output();
        };
        run();
        for (std::size_t n = 0; n < count && played.problem.empty(); ++n) {
            auto const& turn = turns_[n];
            if (turn.kind == Turn::Kind::server) {
                feed(session, n, feeding, run);
                // What comes in one burst of the peer is fed as one.
                while (feeding == Feeding::bursts && n + 1 < count &&
                       turns_[n + 1].kind == Turn::Kind::server) {
                    ++n;
                }
            } else if (turn.kind == Turn::Kind::client) {
                if (!output.starts_with(turn.text)) {
                    played.problem = "expected " + turn.text + "got " + output;
                }
                output.erase(0, turn.text.size());
            } else {
                if (played.step != smtp::ClientSession::Step::send_content) {
                    played.problem =
                        "content is not wanted, step " + std::string(session.step_name());
                }
                session.content_sent();
                run();
            }
        }
        if (lose) {
            session.connection_lost();
            run();
        } else if (!output.empty() && played.problem.empty()) {
            played.problem = "command nobody expected: " + output;
        }
        played.outcomes = session.outcomes();
        played.failure = session.failure();
        return played;
    }

    template <class Run>
    void feed(smtp::ClientSession& session, std::size_t n, Feeding feeding, Run const& run) const {
        if (feeding == Feeding::octets) {
            for (char const c : turns_[n].text) {
                session.feed({&c, 1});
                run();
            }
            return;
        }
        std::string burst;
        for (; n < turns_.size() && turns_[n].kind == Turn::Kind::server; ++n) {
            burst += turns_[n].text;
        }
        session.feed(burst);
        run();
    }

    smtp::ClientSettings settings_;
    smtp::Delivery delivery_;
    std::vector<Turn> turns_;
};

}  // namespace splitmx::tests
