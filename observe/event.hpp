// What the relay tells of itself: one plain struct for each kind of event. Text in them may come
// from anywhere; whoever prints it escapes it. A message has its id from its first accepted
// recipient on, so that one search finds all lines of one message; until then `id` is the
// session's. Threads: plain values. Source: Q193922 (each refused relay is logged), RFC 3464 for
// the words.
#pragma once

#include "mail/clock.hpp"
#include "mail/ip_address.hpp"
#include "mail/path.hpp"
#include "mail/reason.hpp"
#include "mail/status.hpp"
#include "resolver/decision.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::observe {

// -- the server -----------------------------------------------------------------------------------

struct ServerStarted {
    std::string version;
    std::string config_file;
    std::string hash;  // of the configuration
};

struct ServerStopping {
    std::string why;  // "SIGTERM"
};

struct ListenerOpened {
    std::string name;
    std::string endpoint;  // "127.0.0.1:25"
};

struct ListenerClosed {  // by a new configuration; its sessions go on
    std::string name;
    std::string endpoint;
};

struct ConfigReloaded {
    std::string config_file;
    std::string by;  // "SIGHUP", "root"
    std::uint64_t generation = 0;
    std::string hash;
    std::size_t changes = 0;
};

struct ConfigRejected {  // the old configuration stays in force
    std::string config_file;
    std::string by;
    std::size_t errors = 0;
    std::string first_error;
};

struct AdminAction {  // somebody changed something over the control socket; written at any level
    std::string user;
    std::uint32_t uid = 0;
    std::int32_t pid = 0;
    std::string verb;    // "queue drop"
    std::string what;    // the filter, or the name; may be empty
    std::string result;  // what came of it, with the ids that it hit
};

// -- clients --------------------------------------------------------------------------------------

struct ClientConnected {
    std::string id;
    mail::IpAddress client;
    std::string listener;
    std::optional<mail::IpAddress> front_end{};  // that connects for it
};

struct ClientRefused {  // before any command, or for having sent too much
    mail::IpAddress client;
    std::string listener;
    std::string why;
    std::string session{};  // empty: before any command
};

struct TlsStarted {
    std::string id;
    mail::IpAddress client;
    std::string version;  // "TLSv1.3"
    std::string cipher;
};

struct TlsFailed {
    std::string id;
    mail::IpAddress client;
    std::string why;
};

enum class LoginResult { right, refused, unknowable };
std::string_view to_text(LoginResult result);

struct LoginChecked {
    std::string id;
    mail::IpAddress client;
    std::string login;
    LoginResult result = LoginResult::unknowable;
    std::string detail;  // right: the DN; else why not
};

struct SessionEnded {
    std::string id;
    mail::IpAddress client;
    std::size_t messages = 0;
    std::string why;  // "QUIT", "connection lost", ...
};

// -- recipients -----------------------------------------------------------------------------------

struct DecidedRoute {
    std::string rcpt;   // for RCPT TO
    std::string host;   // name of the next hop
    std::string entry;  // DN; empty when no entry was involved
};

// A recipient was accepted: verdict deliver or bounce.
struct RecipientDecided {
    std::string id;
    std::string address;  // as the sender typed it
    resolver::Verdict verdict = resolver::Verdict::deliver;
    mail::Reason reason = mail::Reason::mailbox;
    std::vector<DecidedRoute> routes;
    std::size_t failed = 0;  // members of a group that cannot be delivered to
    std::string session{};   // empty: a message in the queue was decided again
    mail::ReversePath from{};
    mail::IpAddress client{};
    resolver::Decision const* decision = nullptr;  // only while the event is told
};

RecipientDecided recipient_decided(
    std::string id, std::string address, resolver::Decision const& decision
);

// A recipient was refused, or deferred when the status is transient (Q193922).
struct RecipientRefused {
    std::string id;  // the session's, unless another recipient of the message has been accepted
    mail::IpAddress client;
    std::string account;  // of an authenticated client; else empty
    mail::ReversePath from;
    std::string address;
    mail::Reason reason = mail::Reason::unknown_recipient;
    mail::Status status;
    std::string session{};
    std::string helo{};
    std::string protocol{};                        // "ESMTPS", as in a Received field
    resolver::Decision const* decision = nullptr;  // only while the event is told
};

struct AmbiguousAddress {
    std::string address;
    std::vector<std::string> entries;  // DNs
};

// -- messages -------------------------------------------------------------------------------------

struct MessageReceived {
    std::string id;
    std::string session;
    mail::ReversePath from;
    mail::IpAddress client;
    std::uint64_t size = 0;  // octets
    std::size_t recipients = 0;
    std::string message_id;  // empty: none
    std::string listener{};
    std::string helo{};
    std::string protocol{};  // "ESMTPS", as in a Received field
};

struct MessageRejected {  // at or after DATA
    std::string id;
    mail::ReversePath from;
    mail::IpAddress client;
    mail::Status status;
};

struct DeliveryAttempted {
    std::string id;
    std::string rcpt;
    std::string original;  // as the sender typed it
    std::string host;      // the host that answered, or that could not be reached
    mail::Status status;
    mail::Duration delay{};  // since the message arrived
    std::string hop{};       // the next hop's name in the configuration, or what stands for it
    std::string by{};        // the operator who has ended it; empty: it was attempted
};

struct RecipientMoved {  // by an operator, to another next hop
    std::string id;
    std::string rcpt;
    std::string original;  // as the sender typed it
    std::string from;      // names of next hops
    std::string to;
    std::string by;  // the operator
};

struct MessageDeferred {
    std::string id;
    std::size_t recipients = 0;  // still to be delivered
    mail::Instant next_attempt;
};

struct MessageRemoved {  // nothing is left to do
    std::string id;
    std::size_t delivered = 0;
    std::size_t failed = 0;
    mail::Duration age{};
};

enum class ReportKind { failed, delayed, delivered, relayed, expanded };
std::string_view to_text(ReportKind kind);

struct ReportSent {
    std::string id;     // of the report
    std::string about;  // id of the message
    mail::ReversePath to;
    ReportKind kind = ReportKind::failed;
    std::vector<std::string> recipients;  // as the sender typed them
    std::optional<mail::Reason> reason;   // of the first; none: a host refused it
    std::uint64_t size = 0;               // octets
    std::string by{};                     // the operator who has ended delivery; empty: none has
};

struct ReportSuppressed {  // nobody is told: the sender was null (Q238498), or already a report
    std::string about;
    std::string address;
    mail::Status status;
    bool is_unwanted = false;  // the sender has said so (NOTIFY)
    std::string by{};          // the operator who wants nobody told; empty: no operator
};

// -- next hops ------------------------------------------------------------------------------------

struct HostTlsStarted {
    std::string host;     // "mbx1.adatum.com[10.0.0.1]:25"
    std::string version;  // "TLSv1.3"
    std::string cipher;
    bool verified = false;  // it has proved its name
};

enum class HostEvent { down, up, paused, resumed };

struct HostConditionChanged {
    std::string name;
    HostEvent event = HostEvent::down;
    std::string text;          // down: what was tried and what came of it; paused: the reason
    mail::Duration lasted{0};  // how long it was as it was before
    std::size_t messages = 0;  // that wait for it
};

// -- what the relay stands on ---------------------------------------------------------------------

enum class DirectoryState { up, down };

struct DirectoryChanged {
    std::string name;
    DirectoryState state = DirectoryState::up;
    std::string text;
};

struct DirectoryNote {  // about the copy of a directory
    std::string name;
    std::string text;
    bool alarm = false;  // an administrator should look
};

struct SpoolTrouble {
    std::string id;  // empty: no message in particular
    std::string what;
};

struct MessageSetAside {  // it is damaged and will not be sent; the operator finds it in the spool
    std::string id;
    std::string what;
};

using Event = std::variant<
    ServerStarted,
    ServerStopping,
    ListenerOpened,
    ListenerClosed,
    ConfigReloaded,
    ConfigRejected,
    AdminAction,
    ClientConnected,
    ClientRefused,
    TlsStarted,
    TlsFailed,
    LoginChecked,
    HostTlsStarted,
    SessionEnded,
    RecipientDecided,
    RecipientRefused,
    AmbiguousAddress,
    MessageReceived,
    MessageRejected,
    DeliveryAttempted,
    RecipientMoved,
    MessageDeferred,
    MessageRemoved,
    ReportSent,
    ReportSuppressed,
    HostConditionChanged,
    DirectoryChanged,
    DirectoryNote,
    SpoolTrouble,
    MessageSetAside>;

}  // namespace splitmx::observe
