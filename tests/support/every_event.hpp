// Events for tests of what is written about them. Threads: pure function.
#pragma once

#include "observe/event.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace splitmx::support {

// Every kind of event, with `text` wherever text from elsewhere can stand.
inline std::vector<observe::Event> every_event(std::string const& text) {
    using namespace observe;
    auto const client = *mail::IpAddress::parse("192.0.2.10");
    mail::Instant const now{std::chrono::milliseconds(1795252364120)};
    mail::Status const answer{451, {4, 1}, text};
    return {
        ServerStarted{text, text, "0a1b2c3d"},
        ServerStopping{text},
        ListenerOpened{text, text},
        ListenerClosed{text, text},
        ConfigReloaded{text, text, 2, "0a1b2c3d", 3},
        ConfigRejected{text, text, 1, text},
        AdminAction{text, 1000, 4711, text, text, text},
        ClientConnected{text, client, text, client},
        ClientRefused{client, text, text},
        TlsStarted{text, client, text, text},
        TlsFailed{text, client, text},
        LoginChecked{text, client, text, LoginResult::refused, text},
        HostTlsStarted{text, text, text, true},
        SessionEnded{text, client, 1, text},
        RecipientDecided{
            text, text, resolver::Verdict::deliver, mail::Reason::mailbox, {{text, text, text}}, 1},
        RecipientDecided{
            text, text, resolver::Verdict::bounce, mail::Reason::unknown_recipient, {}, 0},
        RecipientRefused{text, client, text, {}, text, mail::Reason::restricted, answer, text, text, text},
        AmbiguousAddress{text, {text, text}},
        MessageReceived{text, text + "s", {}, client, 1, 1, text, text, text, text},
        MessageRejected{text, {}, client, answer},
        RecipientMoved{text, text, text + "o", text, text, text},
        DeliveryAttempted{text, text, text + "o", text, answer, {}, text},
        MessageDeferred{text, 1, now},
        MessageRemoved{text, 1, 0, {}},
        ReportSent{text, text, {}, ReportKind::failed, {text}, mail::Reason::loop},
        ReportSuppressed{text, text, answer},
        HostConditionChanged{text, HostEvent::down, text, {}, 2},
        DirectoryChanged{text, DirectoryState::down, text},
        DirectoryNote{text, text, true},
        SpoolTrouble{text, text},
        MessageSetAside{text, text},
    };
}

}  // namespace splitmx::support
