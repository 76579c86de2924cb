#include "ldap/net/container_watch.hpp"
#include "ldap/net/libldap.hpp"
#include "ldap/net/parent_watch.hpp"
#include "ldap/net/sync_task.hpp"
#include "ldap/sync_session.hpp"
#include "ldap/whole_reading.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using sync::SessionEnds;
using Clock = Channel::Clock;

// The question that shows whether the server still answers, and on 389 whether something changed.
[[nodiscard]] SearchRequest heartbeat_request(ServerFacts const& facts) {
    SearchRequest request;
    request.scope = Scope::base;
    request.attributes = {facts.last_change ? last_change_attribute.data() : LDAP_NO_ATTRS};
    return request;
}

constexpr std::string_view id_of_389 = "nsUniqueId";

class Syncrepl {
public:
    Syncrepl(SyncTask const& task, std::optional<sync::Cookie> cookie)
        : task_(task),
          session_(task.of, cookie),
          containers_(task.facts, task.settings.base, cookie),
          parents_(task.facts, task.settings.base),
          cookie_(std::move(cookie)) {}

    [[nodiscard]] SyncOutcome run() {
        auto end = follow();
        return {std::move(end), refreshed_, served_};
    }

private:
    [[nodiscard]] SessionEnds follow() {
        SearchRequest request;
        request.base = task_.settings.base;
        request.filter = task_.settings.filter;
        request.attributes = task_.settings.attributes;
        auto const id = task_.channel.search(
            request, Control{std::string(sync_request_oid), sync::encode_request(cookie_)}
        );
        if (!id) return end_of(task_, id.error());
        id_ = *id;
        events_.push_back(session_.begin());
        last_word_ = last_beat_ = Clock::now();
        for (;;) {
            auto const more = drain();
            if (!more) return end_of(task_, more.error());
            if (auto end = end_of_turn()) return std::move(*end);
            if (*more) continue;
            // Only with nothing left to read is there silence.
            if (auto end = check_time()) return std::move(*end);
            task_.channel.wait(next_moment());
        }
    }

    // Takes what has come, up to a portion. Whether there may be more.
    [[nodiscard]] Result<bool> drain() {
        for (int count = 0; count < messages_per_turn && !session_.is_over(); ++count) {
            auto const message = task_.channel.next();
            if (!message) {
                // What came before the connection broke counts.
                if (!events_.empty()) return true;
                return closing_.empty() ? message.error() : Error(Errc::unreachable, closing_);
            }
            if (!*message) return false;
            take(message->get());
        }
        return true;
    }

    void take(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        auto const id = ldap_msgid(message);
        if (id == beat_) take_beat(message);
        if (id == 0) note_disconnection(message);
        bool const container_moved =
            (containers_.take(handle, message) && containers_.take_finding()) ||
            (parents_.take(handle, message) && parents_.take_finding());
        if (container_moved) {
            events_.emplace_back(sync::Doubt{
                "an entry with others below it was changed, and these may have other names now"});
        }
        if (reading_ && id == reading_->id) return take_reading(message);
        if (id != id_) return;
        last_word_ = Clock::now();
        auto const before = events_.size();
        take_of_session(message);
        for (auto i = before; reading_ && i < events_.size(); ++i) reading_->all.see(events_[i]);
        refreshed_ = refreshed_ || !(session_.is_refreshing() || session_.is_over());
        if (refreshed_ && !events_.empty()) note_cookie(events_.back());
    }

    void take_beat(::ldapmsg* message) {
        if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY) {
            auto const entry = to_entry(task_.channel.handle(), message);
            if (entry) parents_.see(*entry);
        }
        if (ldap_msgtype(message) != LDAP_RES_SEARCH_RESULT) return;
        beat_ = 0;
        served_ = refreshed_;
        // In a refresh an answer does not mean that all has been told.
        if (refreshed_) events_.emplace_back(sync::Heard());
    }

    void take_of_session(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        auto const type = ldap_msgtype(message);
        if (type == LDAP_RES_SEARCH_ENTRY) {
            take_entry(message);
        } else if (type == LDAP_RES_SEARCH_REFERENCE) {
            session_.reference(control_value(handle, message, sync::state_oid), events_);
            if (!session_.is_over()) {
                events_.emplace_back(sync::Elsewhere{references_in(handle, message)});
            }
        } else if (type == LDAP_RES_INTERMEDIATE) {
            auto const value = intermediate_value(handle, message, sync::info_oid);
            if (value) session_.info(*value, events_);
        } else if (type == LDAP_RES_SEARCH_RESULT) {
            auto answer = to_answer(handle, message);
            if (!answer) return session_.broken(answer.error(), events_);
            session_.result({answer->code, std::move(answer->text)}, events_);
        }
    }

    // Once after a resumption of a server that cannot be trusted with one.
    [[nodiscard]] std::optional<SessionEnds> begin_reading() {
        bool const due = refreshed_ && cookie_ && !session_.is_over() && !read_ &&
                         task_.facts.vendor == Vendor::directory_389;
        if (!due) return std::nullopt;
        read_ = true;
        SearchRequest request;
        request.base = task_.settings.base;
        request.filter = task_.settings.filter;
        request.attributes = task_.settings.attributes;
        if (request.attributes.empty()) request.attributes.emplace_back(LDAP_ALL_USER_ATTRIBUTES);
        request.attributes.emplace_back(id_of_389);
        auto const id = task_.channel.search(request);
        if (!id) return end_of(task_, id.error());
        reading_.emplace(Reading{*id, {}});
        events_.push_back(sync::WholeReading::begin());
        return std::nullopt;
    }

    void take_reading(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        last_word_ = Clock::now();
        if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE) {
            events_.emplace_back(sync::Elsewhere{references_in(handle, message)});
        } else if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY) {
            auto entry = to_entry(handle, message);
            if (!entry) return session_.broken(entry.error(), events_);
            auto const text = entry->first(id_of_389);
            auto const id = text ? EntryId::parse(*text) : std::nullopt;
            if (!id) return session_.cannot_compare(id_of_389, events_);
            entry->keep_only(task_.settings.attributes);
            if (auto event = reading_->all.found(*id, std::move(*entry))) {
                events_.push_back(std::move(*event));
            }
        } else if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT) {
            auto answer = to_answer(handle, message);
            if (!answer) return session_.broken(answer.error(), events_);
            if (answer->code != LDAP_SUCCESS) {
                return session_.result({answer->code, std::move(answer->text)}, events_);
            }
            events_.push_back(reading_->all.end());
            reading_.reset();
        }
    }

    void note_cookie(sync::Event const& event) {
        if (auto const* fresh = std::get_if<sync::NewCookie>(&event)) {
            containers_.see(fresh->cookie, true);
        } else if (auto const* change = std::get_if<sync::EntryChange>(&event)) {
            if (change->cookie) containers_.see(*change->cookie, false);
        } else if (auto const* end = std::get_if<sync::RefreshEnds>(&event)) {
            // None: it is where it was.
            auto const& cookie = end->cookie ? end->cookie : cookie_;
            if (cookie) containers_.see(*cookie, false);
        }
    }

    void take_entry(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        auto const state = control_value(handle, message, sync::state_oid);
        auto entry = to_entry(handle, message);
        if (!entry) return session_.broken(entry.error(), events_);
        // 389 sends all attributes after a resumption, whichever were asked for.
        entry->keep_only(task_.settings.attributes);
        session_.entry(state, std::move(*entry), events_);
    }

    // RFC 4511 4.4.1: why the server is about to close the connection.
    void note_disconnection(::ldapmsg* message) {
        if (auto const answer = to_answer(task_.channel.handle(), message)) closing_ = answer->text;
    }

    [[nodiscard]] std::optional<SessionEnds> end_of_turn() {
        std::optional<SessionEnds> over;
        if (session_.is_over()) {
            over = std::get<SessionEnds>(std::move(events_.back()));
            events_.pop_back();
        }
        if (auto end = over ? std::nullopt : begin_reading()) over = std::move(end);
        auto const wanted = hand_over(task_, events_);
        if (over) return over;
        if (wanted) return wanted;
        if (task_.channel.interrupt().is_pending()) return interrupted(task_);
        return std::nullopt;
    }

    // Sends the heartbeat when it is due. An end if an answer is.
    [[nodiscard]] std::optional<SessionEnds> check_time() {
        auto const& settings = task_.settings;
        auto const now = Clock::now();
        if (beat_ != 0 && now >= beat_answer_due()) {
            return silence("the server stopped answering", settings.answer_timeout);
        }
        if (is_reading() && now >= last_word_ + settings.refresh_silence) {
            return silence(
                task_.facts.vendor == Vendor::directory_389
                    ? "the server fell silent in the middle of a refresh, as 389 does where "
                      "nsSizeLimit or nsLookThroughLimit cuts it off (set both to -1)"
                    : "the server fell silent in the middle of a refresh",
                settings.refresh_silence
            );
        }
        if (beat_ == 0 && now >= last_beat_ + settings.heartbeat) {
            auto const id = task_.channel.search(heartbeat_request(task_.facts));
            if (!id) return end_of(task_, id.error());
            beat_ = *id;
            last_beat_ = now;
        }
        if (auto const due = containers_.due(); due && now >= *due) {
            if (auto const error = containers_.ask(task_.channel)) return end_of(task_, *error);
        }
        if (refreshed_ && parents_.wants_to_ask()) {
            if (auto const error = parents_.ask(task_.channel)) return end_of(task_, *error);
        }
        return std::nullopt;
    }

    [[nodiscard]] SessionEnds silence(std::string_view what, std::chrono::milliseconds time) const {
        return {
            sync::EndReason::silent,
            task_.of.uri,
            fmt::format(
                "{}: not a word in {} s",
                what,
                std::chrono::ceil<std::chrono::seconds>(time).count()
            )};
    }

    [[nodiscard]] Clock::time_point next_moment() const {
        auto const& settings = task_.settings;
        auto next = beat_ != 0 ? beat_answer_due() : last_beat_ + settings.heartbeat;
        if (is_reading()) next = std::min(next, last_word_ + settings.refresh_silence);
        if (auto const due = containers_.due()) next = std::min(next, *due);
        return next;
    }

    // A server that is busy with a long answer gives short ones late.
    [[nodiscard]] Clock::time_point beat_answer_due() const {
        auto const from = reading_ ? std::max(last_beat_, last_word_) : last_beat_;
        return from + task_.settings.answer_timeout;
    }

    [[nodiscard]] bool is_reading() const { return session_.is_refreshing() || reading_; }

    struct Reading {
        Channel::Id id;
        sync::WholeReading all;
    };

    SyncTask const& task_;
    sync::Session session_;
    ContainerWatch containers_;
    ParentWatch parents_;
    std::optional<Reading> reading_;  // under way
    bool read_ = false;               // once in a session
    std::optional<sync::Cookie> cookie_;
    std::vector<sync::Event> events_;
    Channel::Id id_ = 0;
    Channel::Id beat_ = 0;  // under way; 0: none
    Clock::time_point last_word_;
    Clock::time_point last_beat_;
    std::string closing_;
    bool refreshed_ = false;
    bool served_ = false;
};

}  // namespace

SyncOutcome run_syncrepl(SyncTask const& task, std::optional<sync::Cookie> cookie) {
    return Syncrepl(task, std::move(cookie)).run();
}

}  // namespace splitmx::ldap::net
