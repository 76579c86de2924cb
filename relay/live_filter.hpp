// What somebody who watches the relay wants to see of what happens (`splitmx trace --live`).
// What an item names must be what was asked for. An item that does not name it, such as the octets of
// a message behind a filter of its recipients, is seen when its message or its session has named it
// before. Lines of a dialogue wait, few of them, until their session has done so.
// Threads: values of one thread. Bounded: max_traced messages and sessions are remembered; the oldest
// are forgotten.
#pragma once

#include "history/record.hpp"
#include "mail/ip_address.hpp"

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace splitmx::relay {

struct LiveFilter {
    std::optional<mail::Network> client;
    std::string from;       // a key, "@example.com", or "<>"; empty: anybody
    std::string to;         // the same
    std::string host;       // of the configuration; empty: any
    bool dialogue = false;  // what clients and relay say to each other, too
    bool one = false;       // the first session or message that is seen, to its end
};

struct LiveRecord {
    history::Record record;
    std::string hop;  // of an attempt: the next hop's name in the configuration
};
struct LiveLine {  // without its end
    std::string session;
    mail::IpAddress client;
    bool is_by_client = false;
    std::string text;
    mail::Instant at;
    bool follows_gap = false;  // lines of the same session before it were not kept
};
struct LiveEnd {  // of a session; or nothing can be done for a message now
    std::string id;
    bool is_session = false;
};
using LiveItem = std::variant<LiveRecord, LiveLine, LiveEnd>;

class LiveMatcher {
public:
    static constexpr std::size_t max_traced = 4'000;
    static constexpr std::size_t max_waiting = 4;  // lines of one session

    explicit LiveMatcher(LiveFilter filter);

    // What is to be seen now, in its order.
    std::vector<LiveItem> take(LiveItem item);
    // With `one`: it has come to its end.
    bool is_over() const { return over_; }

private:
    struct Traced {
        unsigned named = 0;  // which filters it has met
        std::deque<LiveLine> waiting;
        bool has_gap = false;
    };
    enum class Verdict { yes, no, silent };

    std::vector<LiveItem> take_record(LiveRecord record);
    std::vector<LiveItem> take_line(LiveLine line);
    void take_end(LiveEnd const& end);
    // Which filters it meets; none: it names something else than what was asked for.
    std::optional<unsigned> named_by(LiveRecord const& item) const;
    Verdict client_verdict(std::string const& client) const;
    bool is_followed(std::string const& id, std::string const& session);
    Traced& traced(std::string const& id);

    LiveFilter filter_;
    unsigned wanted_ = 0;
    std::unordered_map<std::string, Traced> traced_;
    std::deque<std::string> order_;  // of traced_, oldest first
    std::unordered_set<std::string> followed_;  // with `one`: the session, its messages
    std::unordered_set<std::string> open_;      // of them: those that have not ended
    std::unordered_set<std::string> received_;  // of them: messages that came to be
    bool over_ = false;
};

}  // namespace splitmx::relay
