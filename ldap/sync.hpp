// A directory as a stream of events, from which a consumer keeps a copy up to date.
//
// The stream is that of RFC 4533, whichever way it comes about (SyncMethod). It is made of
// sessions:
//
//     Connected  RefreshBegins  (EntryChange | IdSet | NewCookie | Elsewhere)*  RefreshEnds
//                (EntryChange | IdSet | NewCookie | Heard | Doubt | Elsewhere)*  SessionEnds
//     and a Remark anywhere
//
// - A refresh begins with a cookie, and tells what changed since then, or without one, and tells
//   everything. It counts only once RefreshEnds has come: before that nothing is removed from a
//   copy because it was not mentioned. A session may end in the middle of a refresh.
// - EntryChange add and modify are alike: the entry replaces whatever was known of its id, DN too.
//   present says that the known entry is unchanged. remove: it is gone, or has left the filter or
//   the base (its DN may be a new one then).
// - RefreshEnds{present}: what this refresh did not mention is gone. A refresh that began without a
//   cookie always ends so. RefreshEnds{deletes}: only what was told to be gone is gone.
// - A cookie stands for the content told before it and with it, and is kept together with that
//   content or not at all. Where none comes the old one stays good. Inside a refresh none comes.
// - Events after a refresh are changes, in the order they happened. Polling repeats whole refreshes
//   in one session instead. Another refresh may come in a session that tells changes, too: one that
//   compares (it begins with a cookie), or tells everything once more (it begins without).
//
// Cookies that a server does not know are dealt with before events get here: the session ends, and
// the next one begins without a cookie. Values; no threads.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/entry_id.hpp"
#include "ldap/server_facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::ldap::sync {

// Where a consumer stands, in the words of its server: octets without meaning for anybody else.
struct Cookie {
    std::string octets;  // never empty
    friend bool operator==(Cookie const&, Cookie const&) = default;
};

struct Connected {
    std::string uri;
    ServerFacts facts;
    SyncMethod method;
    std::string protection{};  // "TLSv1.3"; empty: none
};

struct RefreshBegins {
    std::optional<Cookie> cookie;  // the one that was sent
};

struct EntryChange {
    enum class State { present, add, modify, remove };

    State state;
    EntryId id;
    Entry entry;  // of present and remove only the DN
    std::optional<Cookie> cookie;
};

struct IdSet {
    enum class Meaning { present, removed };

    Meaning meaning;
    std::vector<EntryId> ids;
    std::optional<Cookie> cookie;
};

struct NewCookie {
    Cookie cookie;
};

struct RefreshEnds {
    enum class Phase { present, deletes };

    Phase phase;
    std::optional<Cookie> cookie;
};

// The server answered a question that is only there to be answered: all it had to tell has come.
struct Heard {};

// Something has changed of which the stream does not tell all: whoever wants to be right has
// everything told anew. What was told stands.
struct Doubt {
    std::string why;  // one line
};

// Entries below the base that this server does not have, and names others for (RFC 4511 4.5.3).
// Told in a refresh that tells everything, and when there are more.
struct Elsewhere {
    std::vector<std::string> uris;
};

// Something that an administrator can make better; the stream goes on.
struct Remark {
    std::string text;  // one line
};

enum class EndReason {
    cookie_refused,  // refreshRequired, or a cookie that the server passed over in silence
    cookie_newer,    // the server is behind us: late, or restored from a backup (53)
    size_limit,      // the server gives this account only a part (results 3, 4 and 11)
    refused,         // credentials, rights, the base, TLS policy: somebody must change something
    unsupported,     // the server cannot be followed; it can only be asked
    not_connected,   // no connection came about
    lost,            // the connection broke
    silent,          // connected, but no answer in time
    protocol,        // an answer that makes no sense
    restarted,       // the consumer wanted a new session
    stopped,         // the consumer, or the program, wanted the end
};
[[nodiscard]] std::string_view to_text(EndReason reason) noexcept;

struct SessionEnds {
    EndReason reason;
    std::string uri;
    std::string text;  // one line for the administrator: what happened, and what to do about it
};

using Event = std::variant<
    Connected,
    RefreshBegins,
    EntryChange,
    IdSet,
    NewCookie,
    RefreshEnds,
    Heard,
    Doubt,
    Elsewhere,
    Remark,
    SessionEnds>;

enum class Reply {
    go_on,
    restart,  // end this session and begin another: start_cookie() is asked again
    stop,
};

// Who keeps the copy. All calls come from the one thread of a SyncClient, and the server waits as
// long as they take: that is the brake on a stream that is faster than its consumer.
class Consumer {
public:
    virtual ~Consumer() = default;

    // Where the next session begins; nothing: from the start, with everything. Not asked when the
    // server has just refused a cookie: that session begins without one.
    [[nodiscard]] virtual std::optional<Cookie> start_cookie(
        std::string const& uri, ServerFacts const& facts
    ) = 0;

    // Some events in their order, never none: what came together. The reply to SessionEnds may be
    // `stop`; else another session follows, after a pause where one is due.
    [[nodiscard]] virtual Reply take(std::vector<Event> events) = 0;
};

}  // namespace splitmx::ldap::sync
