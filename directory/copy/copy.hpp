// A directory in memory, and the rules by which it follows its server (ldap/sync.hpp). What a copy
// may say depends on its age: a found entry counts for long, "nobody" only while the copy is
// complete and its server was heard of a moment ago. What it may not say is NotAsked: ask the
// server itself.
//
// Nothing is removed because it was not mentioned, unless a whole refresh came to its end, and then
// only after the shrink guard has looked. Cookies stand for content that is here already; what is
// here may be newer, because a server tells changes again that came after a cookie.
//
// Threads: find(), standing() and health() any; take() is the client's thread; the rest any.
// Observers are called on the client's thread, without a lock. Errors: none; a server's are
// problems in health().
#pragma once

#include "directory/copy/index.hpp"
#include "directory/copy/shrink_guard.hpp"
#include "ldap/sync.hpp"
#include "mail/clock.hpp"
#include "schema/profile.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::directory::copy {

enum class Stage {
    empty,    // no complete content ever
    loading,  // the first complete content is on its way
    stale,    // complete, but its server is not listened to, or not heard of within `fresh`
    live,     // complete and fresh
    direct,   // the server cannot be followed
};

struct Standing {
    Stage stage = Stage::empty;
    mail::Duration age{};  // since the content was known to be right; complete content only
};

struct Note {
    bool alarm = false;  // an administrator should look
    std::string text;
};

struct CopyObserver {
    std::function<void(std::vector<mail::Mailbox> const&)> changed;  // not for the first content
    std::function<void(SharedAddress const&)> shared;
    std::function<void(Note const&)> note;
    std::function<void()> settled;  // a refresh ended well: a snapshot is worth while
};

struct CopyClock {
    std::function<std::chrono::steady_clock::time_point()> steady;
    std::function<mail::Instant()> wall;
};

// Removals that wait for a second look or for an administrator.
struct HeldLoss {
    Loss loss;
    mail::Instant since;
};

// What the last refresh that ended brought.
struct LastRefresh {
    std::size_t changed = 0;  // entries
    std::size_t removed = 0;
    mail::Duration took{};
};

struct CopyHealth {
    Standing standing;
    Counts counts;
    std::map<std::string, std::uint64_t> foreign_addresses;  // by type: of no concern to mail
    std::string server;  // that is or was followed; empty: none yet
    std::optional<ldap::SyncMethod> method;
    bool connected = false;
    std::optional<mail::Instant> connected_since;  // while it is
    std::string protection;                        // of the connection: "TLSv1.3"; empty: none
    bool refreshing = false;
    std::optional<mail::Instant> last_heard;
    std::optional<mail::Instant> last_change;  // of an entry, since the program started
    std::uint64_t changes = 0;                 // of entries, since the program started
    std::optional<mail::Instant> snapshot;     // when the last one was written or loaded
    std::optional<HeldLoss> held;
    std::uint64_t refreshes = 0;    // that ended, with removals held or not, since the start
    std::uint64_t failures = 0;     // sessions that ended although nobody here wanted it
    bool wants_everything = false;  // asked for, and not there yet
    LastRefresh last_refresh;
    std::vector<std::string> problems;  // sentences
};

enum class AcceptResult { done, nothing_held, refresh_under_way };

class Copy final : public ldap::sync::Consumer {
public:
    struct Settings {
        schema::Profile profile;
        mail::Duration fresh{};
        mail::Duration max_age{};
        mail::Duration second_look{};         // counts so long after the first, or what came since
        std::vector<ldap::Dn> other_bases{};  // of directories that are asked beside this one
    };

    Copy(Settings settings, CopyObserver observer, CopyClock clock);

    // -- readers

    // One, Many, None, or NotAsked where the copy must not answer.
    [[nodiscard]] resolver::Answer find(resolver::LookupKey const& key) const;
    // One or Many for want of anything better, also where the server is asked instead: it did not
    // answer.
    [[nodiscard]] resolver::Answer last_found(resolver::LookupKey const& key) const;
    // A whole copy, not older than `max_age`, has no such entry: too old to call anybody unknown.
    [[nodiscard]] bool has_nobody(resolver::LookupKey const& key) const;
    // Why the server's own "nobody" does not count either; empty: it does.
    [[nodiscard]] std::string doubt_about_server() const;
    [[nodiscard]] Standing standing() const;
    [[nodiscard]] CopyHealth health() const;
    // All recipients as they are now, part by part; remarks are there, entries are not.
    [[nodiscard]] std::vector<schema::ListedRecipient> part(std::size_t number) const {
        return index_.part(number);
    }

    // -- the administrator

    // Lets the held removals happen.
    AcceptResult accept();
    // The next session begins without a cookie, and a refresh that begins after this call has to
    // end: to held removals it is a second look, however soon. Whoever runs the client restarts it.
    void want_everything();

    // -- ldap::sync::Consumer

    [[nodiscard]] std::optional<ldap::sync::Cookie> start_cookie(
        std::string const& uri, ldap::ServerFacts const& facts
    ) override;
    [[nodiscard]] ldap::sync::Reply take(std::vector<ldap::sync::Event> events) override;

    // -- snapshots (snapshot.hpp)

    // What stands before the content. `round` changes with every refresh.
    struct Cut {
        std::uint64_t round = 0;
        std::optional<ldap::sync::Cookie> cookie;
        std::string server;
        mail::Instant heard;
        std::vector<std::string> elsewhere;  // places that another server has, and nobody reads
    };
    // Nothing while there is no complete content, or a refresh is under way.
    [[nodiscard]] std::optional<Cut> begin_cut();
    // False: a refresh has begun since, the cut is worth nothing.
    [[nodiscard]] bool append_shard(
        Cut const& cut, std::size_t shard, std::string& octets, Index::Tally& tally
    );
    void append_dictionaries(std::string& octets);
    [[nodiscard]] bool is_dirty() const { return dirty_; }
    void snapshot_written(mail::Instant at);
    void snapshot_failed(std::string const& why);
    // Before the first event, by whoever fills the index.
    [[nodiscard]] Index& index() { return index_; }
    void loaded(Cut const& cut);

private:
    // Told one by one; more of them in one refresh are a number in its line.
    static constexpr std::size_t shared_told_at_most = 100;

    // An entry that lost its addresses, as it is now.
    struct Stripped {
        ldap::EntryId id;
        std::optional<resolver::Recipient> recipient;
        std::vector<schema::MappingRemark> remarks;
    };
    struct Happened {
        Effects effects;
        std::vector<Note> notes;
        bool settled = false;
    };

    void on(ldap::sync::Connected const& event);
    void on(ldap::sync::RefreshBegins const& event);
    void on(ldap::sync::EntryChange const& event);
    void on(ldap::sync::IdSet const& event);
    void on(ldap::sync::NewCookie const& event);
    void on(ldap::sync::RefreshEnds const& event);
    void on(ldap::sync::Heard const& event);
    void on(ldap::sync::Doubt const& event);
    void on(ldap::sync::Elsewhere const& event);
    void on(ldap::sync::Remark const& event);
    void on(ldap::sync::SessionEnds const& event);

    void put(ldap::sync::EntryChange const& event);
    bool seems_stripped(ldap::EntryId const& id, std::optional<resolver::Recipient> const& now)
        const;
    void remove(ldap::EntryId const& id);
    void confirm(ldap::EntryId const& id);
    void keep(std::optional<ldap::sync::Cookie> const& cookie);
    void end_refresh(Loss const& loss, std::optional<ldap::sync::Cookie> cookie);
    void hold(Loss const& loss, std::optional<ldap::sync::Cookie> cookie);
    mail::Duration age() const;
    bool is_server_behind() const;
    bool is_seen_twice(Loss const& loss) const;
    void wait_for_second_look();
    void mark_as_behind();
    void tell_if_empty();
    void count_refresh(std::size_t removed);
    void sweep();
    void apply_stripped();
    void heard();
    void changed();
    void restart_when_due();
    void note(bool alarm, std::string text);
    void tell(Happened const& happened);
    std::vector<std::string> problems() const;

    Settings settings_;
    CopyObserver observer_;
    CopyClock clock_;
    Index index_;

    // For readers.
    std::atomic<bool> complete_{false};
    std::atomic<bool> refreshing_{false};
    std::atomic<bool> direct_{false};
    std::atomic<bool> in_touch_{false};  // heard of in this session
    std::atomic<std::chrono::steady_clock::rep> heard_{0};
    std::atomic<bool> dirty_{false};
    std::atomic<bool> partial_{false};  // there are places that nobody reads
    std::atomic<bool> doubted_{false};  // somebody may be missing until everything is read anew
    std::atomic<std::chrono::steady_clock::rep> behind_until_{
        0};  // the server may lack what we knew

    mutable std::mutex mutex_;  // everything below, and the writer's side of the index
    Happened happened_;
    std::optional<ldap::sync::Cookie> cookie_;
    std::optional<ldap::sync::Cookie> pending_;  // of content with held removals still in it
    std::uint64_t round_ = 0;
    bool began_with_cookie_ = false;
    bool lost_track_ = false;              // the server speaks of entries that are not here
    std::set<std::string> elsewhere_;      // URIs of places that nobody reads
    std::set<std::string> remarks_told_;
    std::set<std::string> elsewhere_now_;  // as far as this refresh has told
    std::vector<Stripped> stripped_;       // in this refresh; the first of many
    std::size_t stripped_count_ = 0;
    bool want_everything_ = false;
    bool brings_everything_ = false;  // this refresh began without a cookie because of that
    bool restart_ = false;
    std::uint64_t refreshes_ = 0;
    std::uint64_t failures_ = 0;
    LastRefresh last_refresh_;
    std::optional<HeldLoss> held_;
    bool held_is_valid_ = false;  // the index still tells which entries are held
    std::chrono::steady_clock::time_point second_look_;  // one counts from then on
    std::chrono::steady_clock::time_point next_look_;    // and is made then
    bool is_behind_ = false;     // the server said so, and has not been read since
    bool told_empty_ = false;    // of a copy without recipients
    bool told_to_look_ = false;  // by the administrator, since there are held removals
    std::chrono::steady_clock::time_point last_full_;
    std::chrono::steady_clock::time_point next_doubt_;  // one is followed no sooner
    std::chrono::steady_clock::time_point refresh_began_;
    std::size_t refresh_changes_ = 0;
    std::size_t refresh_removals_ = 0;
    std::size_t shared_told_ = 0;
    std::chrono::steady_clock::time_point removals_since_;
    std::size_t removals_ = 0;
    std::size_t entries_before_removals_ = 0;
    std::string server_;
    std::optional<ldap::SyncMethod> method_;
    bool connected_ = false;
    std::optional<mail::Instant> connected_since_;
    std::string protection_;
    std::string session_problem_;
    std::string removal_problem_;
    std::string snapshot_problem_;
    std::optional<mail::Instant> last_heard_;
    std::optional<mail::Instant> last_change_;
    std::uint64_t changes_ = 0;
    std::optional<mail::Instant> snapshot_;
};

}  // namespace splitmx::directory::copy
