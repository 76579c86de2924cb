// One session of RFC 4533 refreshAndPersist, without I/O: messages of a server in, events out.
//
// It knows what servers do with the standard: a cookie that OpenLDAP cannot read is passed over in
// silence, and everything is sent as if it were new, without a word about what is gone; so a
// refresh like that counts as none. A provider that is older than the copy answers 53. The end of
// a session is an event, after which nothing more comes out. For one thread; owns what it keeps.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/sync.hpp"
#include "ldap/sync_advice.hpp"
#include "ldap/sync_controls.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap::sync {

// An LDAPResult (RFC 4511 4.1.9).
struct ServerResult {
    int code;
    std::string text;  // code, its name and the server's words, on one line
};

class Session {
public:
    using Events = std::vector<Event>;

    // `cookie` is what the request was sent with.
    Session(SessionOf of, std::optional<Cookie> cookie);

    // The event to begin with.
    [[nodiscard]] Event begin() const;

    // A SearchResultEntry, and the value of its Sync State control.
    void entry(std::string_view state, Entry entry, Events& out);
    // A SearchResultReference: an entry that lives elsewhere, and is none of ours any more.
    void reference(std::string_view state, Events& out);
    // The value of an IntermediateResponse that is a Sync Info message.
    void info(std::string_view value, Events& out);
    // The SearchResultDone: in a session that persists it is always the end.
    void result(ServerResult const& result, Events& out);
    // An entry, reference or message that is not what the standard says.
    void broken(Error const& why, Events& out);
    // Entries do not show `attribute`, by which they would be known: the next session begins anew.
    void cannot_compare(std::string_view attribute, Events& out);

    [[nodiscard]] bool is_refreshing() const noexcept { return stage_ == Stage::refresh; }
    [[nodiscard]] bool is_over() const noexcept { return stage_ == Stage::over; }

private:
    enum class Stage { refresh, persist, over };

    void change(StateValue value, Entry entry, Events& out);
    void phase_ends(PhaseEnd end, Events& out);
    void end(EndReason reason, std::string text, Events& out);
    [[nodiscard]] std::optional<Cookie> pass_on(std::optional<Cookie> cookie);

    SessionOf of_;
    std::optional<Cookie> sent_;
    std::optional<Cookie> last_;  // heard of in this refresh
    Stage stage_ = Stage::refresh;
    bool entries_came_ = false;
    bool present_phase_ = false;  // one of the phases of this refresh was
};

}  // namespace splitmx::ldap::sync
