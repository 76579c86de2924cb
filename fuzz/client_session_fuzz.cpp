// A next hop that answers anything at all, over SMTP or LMTP.
// Input: one octet, the settings; then pieces of a length and its octets.
#include "smtp/client_session.hpp"

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

using Step = smtp::ClientSession::Step;

smtp::Delivery delivery(std::uint8_t mood) {
    smtp::Delivery made;
    made.from = *mail::ReversePath::parse((mood & 2) != 0 ? "<a@example.com>" : "<>");
    made.recipients.assign(1 + (mood >> 2 & 3), "b@example.net");
    made.size = 100;
    made.body = (mood & 16) != 0 ? smtp::BodyKind::eight_bit : smtp::BodyKind::seven_bit;
    return made;
}

void check_commands(std::string_view output) {
    while (!output.empty()) {
        auto const end = output.find('\n');
        demand(end != std::string_view::npos && end > 0, "a command is a line");
        demand(output[end - 1] == '\r', "a command ends in CRLF");
        demand(
            output.substr(0, end - 1).find_first_of("\r\0") == std::string_view::npos,
            "a command cannot be split"
        );
        output.remove_prefix(end + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    auto const mood = input.octet();
    smtp::ClientSettings settings;
    settings.hostname = "relay.example";
    settings.lmtp = (mood & 1) != 0;
    if ((mood & 32) != 0) settings.tls = smtp::TlsWish::if_offered;
    if ((mood & 128) != 0) settings.login = smtp::Credentials{"relay", "secret"};
    smtp::ClientSession session(settings);
    bool begun = false;
    for (unsigned deliveries = 0;;) {
        switch (session.next()) {
            case Step::need_reply:
                check_commands(session.take_output());
                if (input.empty()) {
                    session.connection_lost();
                } else {
                    session.feed(input.octets(1U + input.octet()));
                }
                break;
            case Step::start_tls:
                check_commands(session.take_output());
                demand((mood & 32) != 0, "TLS where it is wished for");
                if ((mood & 64) != 0)
                    session.tls_started();
                else
                    session.tls_failed("no common cipher");
                break;
            case Step::done:
                demand(session.outcomes().size() == 1U + (mood >> 2 & 3), "one outcome each");
                [[fallthrough]];
            case Step::idle:
                if (session.has_announced()) {
                    ++deliveries;
                    session.go_on();
                } else if (++deliveries > 3) {
                    session.quit();
                } else {
                    session.begin(delivery(mood));
                    begun = true;
                }
                break;
            case Step::send_content:
                check_commands(session.take_output());
                if (deliveries <= 3 && session.announce(delivery(mood))) {
                    demand((mood & 1) == 0, "LMTP is not told what comes next");
                    check_commands(session.announcement());
                }
                session.content_sent();
                break;
            case Step::closed:
                for (auto const& outcome : session.outcomes()) {
                    demand(outcome.code >= 200, "every outcome is settled");
                }
                demand(!begun || !session.outcomes().empty(), "a delivery has outcomes");
                return 0;
        }
    }
}
