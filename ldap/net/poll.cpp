#include "ldap/poll.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/long_search.hpp"
#include "ldap/net/sync_task.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using sync::SessionEnds;
using Clock = Channel::Clock;

class Poll {
public:
    explicit Poll(SyncTask const& task) : task_(task) {}

    [[nodiscard]] SyncOutcome run() {
        for (;;) {
            auto end = refresh();
            if (!end) end = wait_for_change();
            if (end) return {std::move(*end), refreshed_, served_};
        }
    }

private:
    using End = std::optional<SessionEnds>;

    // Everything, page by page. Nothing: it is complete.
    [[nodiscard]] End refresh() {
        auto const began = Clock::now();
        // Before the first page: what changes meanwhile is a change.
        auto csn = read_context_csn();
        if (!csn) return end_of(task_, csn.error());
        context_csn_ = std::move(*csn);
        last_.forget();
        events_.emplace_back(sync::RefreshBegins{std::nullopt});
        auto end = read_pages(task_, request(), events_, [this](Entry entry) {
            auto const id = poll_id(entry);
            last_.see(entry);
            entry.keep_only(task_.settings.attributes);
            events_.emplace_back(sync::EntryChange{
                sync::EntryChange::State::add, id, std::move(entry), std::nullopt});
        });
        if (end) return end;
        auto const news = look();
        if (!news) return end_of(task_, news.error());
        events_.emplace_back(sync::RefreshEnds{sync::RefreshEnds::Phase::present, std::nullopt});
        // An address may have gone from an entry that was not read yet to one that was.
        if (*news == News::some) {
            events_.emplace_back(sync::Doubt{"something changed while everything was read"});
        }
        refreshed_ = true;
        took_ = Clock::now() - began;
        return hand_over(task_, events_);
    }

    [[nodiscard]] SearchRequest request() const {
        SearchRequest out;
        out.base = task_.settings.base;
        out.filter = task_.settings.filter;
        out.attributes = task_.settings.attributes;
        // With none named all user attributes come, and these beside them (RFC 4511 4.5.1.8).
        if (out.attributes.empty()) out.attributes.emplace_back(LDAP_ALL_USER_ATTRIBUTES);
        for (auto& name : poll_attributes()) out.attributes.push_back(std::move(name));
        return out;
    }

    // Until the next refresh is due. An end, if the server does not answer or something is wanted.
    [[nodiscard]] End wait_for_change() {
        auto const& settings = task_.settings;
        auto due = Clock::now() + settings.poll_interval;
        // A directory that changes all the time must not be read all the time.
        constexpr int share = 10;
        auto const soonest = Clock::now() + share * took_;
        for (;;) {
            auto const& interrupt = task_.channel.interrupt();
            interrupt.wait_until(std::min(due, Clock::now() + settings.heartbeat));
            if (interrupt.is_pending()) return interrupted(task_);
            auto const news = look();
            if (!news) return end_of(task_, news.error());
            served_ = true;
            auto const now = Clock::now();
            // Nobody has come, so whoever is not here is nobody; that somebody has gone shows
            // later.
            if (*news == News::none || *news == News::none_came) {
                events_.emplace_back(sync::Heard());
            }
            if (*news == News::none) {
                if (now >= due) due = now + settings.poll_interval;
            } else if (now >= due || (*news == News::some && now >= soonest)) {
                return std::nullopt;
            }
            if (auto end = hand_over(task_, events_)) return end;
        }
    }

    // What a cheap question tells about changes since the last refresh.
    enum class News { none, none_came, some, unknown };
    [[nodiscard]] Result<News> look() {
        if (context_csn_) {
            auto const now = read_context_csn();
            if (!now) return now.error();
            return *now == context_csn_ ? News::none : News::some;
        }
        auto const filter = last_.question(task_.settings.filter);
        SearchRequest request;
        request.base = filter ? task_.settings.base : Dn();
        request.scope = filter ? Scope::subtree : Scope::base;
        if (filter) request.filter = *filter;
        request.attributes = {filter ? "modifyTimestamp" : LDAP_NO_ATTRS};
        request.size_limit = static_cast<int>(LastChanges::most);
        auto const found = task_.channel.ask(request, limit());
        if (found && !filter) return News::unknown;
        if (found) return last_.are(*found) ? News::none_came : News::some;
        if (found.error().code == Errc::size_limit) return News::some;
        if (is_end(found.error().code)) return found.error();
        last_.forget();  // a server that does not answer this question is asked it no more
        return News::unknown;
    }

    [[nodiscard]] static bool is_end(Errc code) {
        return code == Errc::unreachable || code == Errc::timeout || code == Errc::stopped;
    }

    // The state of an OpenLDAP database, where it keeps one and shows it.
    using ContextCsn = std::optional<std::vector<std::string>>;
    [[nodiscard]] Result<ContextCsn> read_context_csn() {
        SearchRequest request;
        request.base = task_.facts.naming_context_of(task_.settings.base);
        request.scope = Scope::base;
        request.attributes = {"contextCSN"};
        auto const found = task_.channel.ask(request, limit());
        if (!found && is_end(found.error().code)) return found.error();
        if (!found || found->empty() || !found->front().has("contextCSN")) return ContextCsn();
        auto const values = found->front().values("contextCSN");
        return ContextCsn(std::in_place, values.begin(), values.end());
    }

    [[nodiscard]] Clock::time_point limit() const {
        return Clock::now() + task_.settings.answer_timeout;
    }

    SyncTask const& task_;
    std::vector<sync::Event> events_;
    Clock::duration took_{};
    ContextCsn context_csn_;  // at the begin of the last refresh
    LastChanges last_;
    bool refreshed_ = false;
    bool served_ = false;
};

}  // namespace

SyncOutcome run_poll(SyncTask const& task) { return Poll(task).run(); }

}  // namespace splitmx::ldap::net
