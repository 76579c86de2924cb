#include "ldap/poll.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/sync_task.hpp"
#include "ldap/sync_controls.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using sync::SessionEnds;
using Clock = Channel::Clock;

constexpr int messages_per_turn = 256;

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
        page_cookie_.clear();
        do {
            if (auto end = read_page()) return end;
        } while (!page_cookie_.empty());
        events_.emplace_back(sync::RefreshEnds{sync::RefreshEnds::Phase::present, std::nullopt});
        refreshed_ = true;
        took_ = Clock::now() - began;
        return hand_over(task_, events_);
    }

    [[nodiscard]] End read_page() {
        bool const paged = task_.facts.has_control(paged_results_oid);
        std::optional<Control> control;
        if (paged) {
            control = Control{
                std::string(paged_results_oid),
                sync::encode_page_request(task_.settings.page_size, page_cookie_)};
        }
        auto const id = task_.channel.search(request(), control);
        if (!id) return end_of(task_, id.error());
        page_ends_ = false;
        last_word_ = Clock::now();
        while (!page_ends_) {
            auto const more = drain(*id);
            if (!more) return end_of(task_, more.error());
            if (auto end = hand_over(task_, events_)) return end;
            if (task_.channel.interrupt().is_pending()) return interrupted(task_);
            if (*more || page_ends_) continue;
            auto const until = last_word_ + task_.settings.refresh_silence;
            if (Clock::now() >= until) {
                return end_of(
                    task_, Error(Errc::timeout, "the server fell silent in the middle of a refresh")
                );
            }
            task_.channel.wait(until);
        }
        return std::nullopt;
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

    // Takes what has come, up to a portion or the end of the page. Whether there may be more.
    [[nodiscard]] Result<bool> drain(Channel::Id id) {
        for (int count = 0; count < messages_per_turn && !page_ends_; ++count) {
            auto const message = task_.channel.next();
            if (!message) return message.error();
            if (!*message) return false;
            if (ldap_msgid(message->get()) != id) continue;
            last_word_ = Clock::now();
            if (auto error = take(message->get())) return *error;
        }
        return true;
    }

    [[nodiscard]] std::optional<Error> take(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY) {
            auto entry = to_entry(handle, message);
            if (!entry) return entry.error();
            auto const id = poll_id(*entry);
            last_.see(*entry);
            entry->keep_only(task_.settings.attributes);
            events_.emplace_back(sync::EntryChange{
                sync::EntryChange::State::add, id, std::move(*entry), std::nullopt});
            return std::nullopt;
        }
        if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE) {
            events_.emplace_back(sync::Elsewhere{references_in(handle, message)});
        }
        if (ldap_msgtype(message) != LDAP_RES_SEARCH_RESULT) return std::nullopt;
        page_ends_ = true;
        return take_result(message);
    }

    [[nodiscard]] std::optional<Error> take_result(::ldapmsg* message) {
        auto answer = to_answer(task_.channel.handle(), message);
        if (!answer) return answer.error();
        if (answer->code != LDAP_SUCCESS) {
            return Error(from_result_code(answer->code), std::move(answer->text));
        }
        page_cookie_.clear();
        if (!task_.facts.has_control(paged_results_oid)) return std::nullopt;
        auto const control =
            std::find_if(answer->controls.begin(), answer->controls.end(), [](auto const& c) {
                return c.oid == paged_results_oid;
            });
        // Whether this was all, only the control can tell.
        if (control == answer->controls.end()) {
            return Error(
                Errc::protocol, "the server gave a page and did not say whether it is the last"
            );
        }
        auto cookie = sync::parse_page_cookie(control->value);
        if (!cookie) return cookie.error();
        page_cookie_ = std::move(*cookie);
        return std::nullopt;
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
    std::string page_cookie_;
    bool page_ends_ = false;
    Clock::time_point last_word_;
    Clock::duration took_{};
    ContextCsn context_csn_;  // at the begin of the last refresh
    LastChanges last_;
    bool refreshed_ = false;
    bool served_ = false;
};

}  // namespace

SyncOutcome run_poll(SyncTask const& task) { return Poll(task).run(); }

}  // namespace splitmx::ldap::net
