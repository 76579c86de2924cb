#include "ldap/net/long_search.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/ranged_values.hpp"
#include "ldap/sync_controls.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using sync::SessionEnds;
using Clock = Channel::Clock;

class LongSearch {
public:
    LongSearch(SyncTask const& task, std::vector<sync::Event>& events, TakeEntry const& take)
        : task_(task), events_(events), take_(take) {}

    [[nodiscard]] std::variant<Answer, SessionEnds> run(
        SearchRequest const& request, std::optional<Control> const& control
    ) {
        auto const id = task_.channel.search(request, control);
        if (!id) return end_of(task_, id.error());
        id_ = *id;
        last_word_ = Clock::now();
        while (!answer_) {
            auto const more = drain();
            if (!more) return end_of(task_, more.error());
            if (auto end = hand_over(task_, events_)) return std::move(*end);
            if (task_.channel.interrupt().is_pending()) return interrupted(task_);
            if (*more || answer_) continue;
            auto const until = last_word_ + task_.settings.refresh_silence;
            if (Clock::now() >= until) {
                return end_of(
                    task_, Error(Errc::timeout, "the server fell silent in the middle of a refresh")
                );
            }
            task_.channel.wait(until);
        }
        return std::move(*answer_);
    }

private:
    // Takes what has come, up to a portion or the end. Whether there may be more.
    [[nodiscard]] Result<bool> drain() {
        for (int count = 0; count < messages_per_turn && !answer_; ++count) {
            auto const message = task_.channel.next();
            if (!message) return message.error();
            if (!*message) return false;
            if (ldap_msgid(message->get()) != id_) continue;
            last_word_ = Clock::now();
            if (auto error = take(message->get())) return *error;
        }
        return true;
    }

    [[nodiscard]] std::optional<Error> take(::ldapmsg* message) {
        auto* const handle = task_.channel.handle();
        auto const type = ldap_msgtype(message);
        if (type == LDAP_RES_SEARCH_ENTRY) {
            auto entry = to_entry(handle, message);
            if (!entry) return entry.error();
            take_(std::move(*entry));
        } else if (type == LDAP_RES_SEARCH_REFERENCE) {
            events_.emplace_back(sync::Elsewhere{references_in(handle, message)});
        } else if (type == LDAP_RES_SEARCH_RESULT) {
            auto answer = to_answer(handle, message);
            if (!answer) return answer.error();
            answer_ = std::move(*answer);
        }
        return std::nullopt;
    }

    SyncTask const& task_;
    std::vector<sync::Event>& events_;
    TakeEntry const& take_;
    Channel::Id id_ = 0;
    Clock::time_point last_word_;
    std::optional<Answer> answer_;
};

// The cookie of the next page; empty: that was the last.
[[nodiscard]] Result<std::string> next_page(Answer const& answer) {
    auto const control =
        std::find_if(answer.controls.begin(), answer.controls.end(), [](auto const& one) {
            return one.oid == paged_results_oid;
        });
    // Whether this was all, only the control can tell.
    if (control == answer.controls.end()) {
        return Error(
            Errc::protocol, "the server gave a page and did not say whether it is the last"
        );
    }
    return sync::parse_page_cookie(control->value);
}

// Asks for the values that were cut off, until the entry is whole. It is never passed on in part: a
// group would be, too. Whoever is gone or has another name by now is so in the next reading.
[[nodiscard]] std::variant<Entry, SessionEnds> complete(
    SyncTask const& task, Entry entry, std::vector<sync::Event>& events
) {
    SearchRequest request;
    request.base = entry.dn();
    request.scope = Scope::base;
    RangedValues values(std::move(entry));
    std::string why = "it shows no more";
    while (auto question = values.question()) {
        request.attributes = {std::move(*question)};
        bool answered = false;
        auto outcome = search_long(task, request, std::nullopt, events, [&](Entry more) {
            answered = true;
            values.take(more);
        });
        if (auto* end = std::get_if<SessionEnds>(&outcome)) return std::move(*end);
        auto const& answer = std::get<Answer>(outcome);
        if (answer.code != LDAP_SUCCESS) why = answer.text;
        if (!answered || answer.code != LDAP_SUCCESS) values.give_up();
    }
    if (RangedValues::is_needed(values.entry())) {
        return end_of(
            task,
            Error(
                Errc::server_failure,
                fmt::format(
                    "the server gave only a part of the values of '{}': {}",
                    request.base.text(),
                    why
                )
            )
        );
    }
    return values.take_entry();
}

}  // namespace

std::variant<Answer, SessionEnds> search_long(
    SyncTask const& task,
    SearchRequest const& request,
    std::optional<Control> const& control,
    std::vector<sync::Event>& events,
    TakeEntry const& take
) {
    return LongSearch(task, events, take).run(request, control);
}

std::optional<SessionEnds> read_pages(
    SyncTask const& task,
    SearchRequest const& request,
    std::vector<sync::Event>& events,
    TakeEntry const& take
) {
    bool const paged = task.facts.has_control(paged_results_oid);
    std::string cookie;
    std::vector<Entry> partial;  // few: members by the thousand
    TakeEntry const take_whole = [&](Entry entry) {
        if (!RangedValues::is_needed(entry)) return take(std::move(entry));
        partial.push_back(std::move(entry));
    };
    do {
        std::optional<Control> control;
        if (paged) {
            control = Control{
                std::string(paged_results_oid),
                sync::encode_page_request(task.settings.page_size, cookie)};
        }
        auto outcome = search_long(task, request, control, events, take_whole);
        if (auto* end = std::get_if<SessionEnds>(&outcome)) return std::move(*end);
        auto& answer = std::get<Answer>(outcome);
        if (answer.code != LDAP_SUCCESS) {
            return end_of(task, Error(from_result_code(answer.code), std::move(answer.text)));
        }
        if (!paged) break;
        auto next = next_page(answer);
        if (!next) return end_of(task, next.error());
        cookie = std::move(*next);
    } while (!cookie.empty());
    for (auto& entry : partial) {
        auto whole = complete(task, std::move(entry), events);
        if (auto* end = std::get_if<SessionEnds>(&whole)) return std::move(*end);
        take(std::get<Entry>(std::move(whole)));
    }
    return std::nullopt;
}

}  // namespace splitmx::ldap::net
