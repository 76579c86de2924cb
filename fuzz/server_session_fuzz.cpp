// A client that sends anything at all: commands, parameters, content.
// Input: one octet, how recipients and messages are judged; then pieces of a length and its octets.
#include "smtp/server_session.hpp"

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

using Step = smtp::ServerSession::Step;

// What a reply may look like, whatever was asked (RFC 5321 4.2).
void check_replies(std::string_view output) {
    while (!output.empty()) {
        auto const end = output.find("\r\n");
        demand(end != std::string_view::npos, "a reply ends in CRLF");
        auto const line = output.substr(0, end);
        demand(line.size() <= 510, "a reply line has at most 512 octets");
        demand(line.size() >= 4 && line[0] >= '2' && line[0] <= '5', "a reply has a code");
        demand(line[3] == ' ' || line[3] == '-', "a blank or a hyphen is behind the code");
        for (char const c : line) {
            demand(c != '\r' && c != '\n' && c != '\0', "a reply cannot be split");
        }
        output.remove_prefix(end + 2);
    }
}

class Shell {
public:
    explicit Shell(std::uint8_t mood) : mood_(mood) {}

    // False once the session is over.
    bool run() {
        for (;;) {
            switch (session.next()) {
                case Step::need_input:
                    check_replies(session.take_output());
                    return true;
                case Step::verify_recipients:
                    verify();
                    break;
                case Step::store_body:
                    stored_ += session.take_body().size();
                    break;
                case Step::finish_message:
                    finish();
                    break;
                case Step::discard_message:
                    stored_ = 0;
                    break;
                case Step::start_tls:
                    session.begin_tls((mood_ & 64) == 0);
                    check_replies(session.take_output());
                    demand(!session.has_transaction(), "TLS begins anew");
                    break;
                case Step::check_login:
                    demand(session.is_tls(), "no password without TLS");
                    session.login_checked(
                        (mood_ & 32) == 0 ? smtp::LoginVerdict::right : smtp::LoginVerdict::wrong
                    );
                    break;
                case Step::close:
                    check_replies(session.take_output());
                    return false;
            }
        }
    }

    smtp::ServerSession session{settings()};

private:
    static smtp::ServerSettings settings() {
        smtp::ServerSettings made;
        made.hostname = "relay.example";
        made.offered.add(smtp::Extension::starttls);
        made.auth = smtp::AuthOffer::under_tls;
        made.max_message = 2000;
        made.max_recipients = 5;
        return made;
    }

    void verify() {
        std::vector<mail::Status> verdicts;
        demand(!session.to_verify().empty(), "somebody is to be verified");
        for (std::size_t i = 0; i < session.to_verify().size(); ++i) {
            bool const accepted = (mood_ >> (i % 7) & 1) == 0;
            verdicts.push_back(
                accepted ? mail::Status(250, {1, 5}, "ok") : mail::Status(550, {1, 1}, "unknown")
            );
        }
        session.recipients_verified(verdicts);
        demand(session.transaction().recipients.size() <= 5, "no more recipients than allowed");
    }
    void finish() {
        stored_ += session.take_body().size();
        demand(stored_ <= 2000, "no more content than allowed");
        demand(!session.transaction().recipients.empty(), "a message has recipients");
        stored_ = 0;
        session.message_finished(
            (mood_ & 128) == 0 ? mail::Status(250, {0, 0}, "queued")
                               : mail::Status(451, {3, 0}, "not now")
        );
    }

    std::uint8_t mood_;
    std::size_t stored_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    Shell shell(input.octet());
    bool open = shell.run();
    while (open && !input.empty()) {
        auto const length = input.octet();
        // A whole transaction in one write, or octet by octet.
        shell.session.feed(input.octets(length == 255 ? 100'000 : length));
        open = shell.run();
    }
    return 0;
}
