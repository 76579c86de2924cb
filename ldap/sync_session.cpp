#include "ldap/sync_session.hpp"

#include <utility>

namespace splitmx::ldap::sync {

namespace {

constexpr int unavailable_critical_extension = 12;  // RFC 4511 A.1
constexpr int unwilling_to_perform = 53;            // RFC 4511 A.1
constexpr int sync_refresh_required = 4096;         // RFC 4533 2.6
constexpr int success = 0;

}  // namespace

Session::Session(SessionOf of, std::optional<Cookie> cookie)
    : of_(std::move(of)), sent_(std::move(cookie)) {}

Event Session::begin() const { return RefreshBegins{sent_}; }

void Session::entry(std::string_view state, Entry entry, Events& out) {
    if (is_over()) return;
    auto value = parse_state(state);
    if (!value) return broken(value.error(), out);
    change(std::move(*value), std::move(entry), out);
}

void Session::change(StateValue value, Entry entry, Events& out) {
    using State = EntryChange::State;
    if (value.state == State::add || value.state == State::modify) entries_came_ = true;
    if (value.state == State::present || value.state == State::remove) {
        entry = Entry(entry.dn());  // RFC 4533 3.3.1 and 3.4: nothing but the name counts
    }
    auto cookie = pass_on(std::move(value.cookie));
    out.emplace_back(EntryChange{value.state, value.id, std::move(entry), std::move(cookie)});
}

void Session::reference(std::string_view state, Events& out) {
    if (is_over()) return;
    auto value = parse_state(state);
    if (!value) return broken(value.error(), out);
    auto cookie = pass_on(std::move(value->cookie));
    out.emplace_back(IdSet{IdSet::Meaning::removed, {value->id}, std::move(cookie)});
}

void Session::info(std::string_view value, Events& out) {
    if (is_over()) return;
    auto parsed = parse_info(value);
    if (!parsed) return broken(parsed.error(), out);
    if (auto* set = std::get_if<IdSet>(&*parsed)) {
        set->cookie = pass_on(std::move(set->cookie));
        out.emplace_back(std::move(*set));
    } else if (auto* fresh = std::get_if<NewCookie>(&*parsed)) {
        auto cookie = pass_on(std::move(fresh->cookie));
        if (cookie) out.emplace_back(NewCookie{std::move(*cookie)});
    } else if (auto* phase = std::get_if<PhaseEnd>(&*parsed)) {
        phase_ends(std::move(*phase), out);
    }
}

// In a refresh a cookie waits for the end: what it stands for is not complete before that.
std::optional<Cookie> Session::pass_on(std::optional<Cookie> cookie) {
    if (stage_ == Stage::persist) return cookie;
    if (cookie) last_ = std::move(cookie);
    return std::nullopt;
}

void Session::phase_ends(PhaseEnd phase, Events& out) {
    bool const present = phase.phase == RefreshEnds::Phase::present;
    if (stage_ == Stage::persist) {
        if (present) {
            return broken(Error(Errc::protocol, "the server began a second refresh"), out);
        }
        // There is nothing that a phase of deletions could end; its cookie is as good as any.
        if (phase.cookie) out.emplace_back(NewCookie{std::move(*phase.cookie)});
        return;
    }
    present_phase_ = present_phase_ || present;
    if (phase.cookie) last_ = std::move(phase.cookie);
    if (!phase.refresh_done) return;
    // OpenLDAP passes over a cookie it cannot read, sends all entries as new, and ends with
    // refreshDelete and no cookie: what is gone since then would stay in the copy for ever.
    if (sent_ && !present_phase_ && entries_came_ && !last_) {
        return end(
            EndReason::cookie_refused,
            "the server did not understand where the copy stands; reading everything again",
            out
        );
    }
    stage_ = Stage::persist;
    // RFC 4533 3.3.1: without a cookie the content that was sent is all there is.
    bool const everything = present_phase_ || !sent_;
    out.emplace_back(RefreshEnds{
        everything ? RefreshEnds::Phase::present : RefreshEnds::Phase::deletes,
        std::exchange(last_, std::nullopt)});
}

void Session::result(ServerResult const& result, Events& out) {
    if (is_over()) return;
    if (result.code == sync_refresh_required && (sent_ || stage_ == Stage::persist)) {
        return end(EndReason::cookie_refused, result.text + "; reading everything again", out);
    }
    if (result.code == unwilling_to_perform && sent_) {
        return end(
            EndReason::cookie_newer,
            result.text +
                "; the server seems to be restored from a backup, or to be late: reading "
                "everything "
                "again",
            out
        );
    }
    if (result.code == unavailable_critical_extension) {
        return end(
            EndReason::unsupported,
            result.text + "; on OpenLDAP load the overlay syncprov for '" + of_.base + "'",
            out
        );
    }
    if (result.code == success) {
        return end(EndReason::lost, "the server ended the session by itself", out);
    }
    auto const code = from_result_code(result.code);
    end(reason_of(code), with_advice(code, result.text, of_), out);
}

void Session::broken(Error const& why, Events& out) {
    if (is_over()) return;
    end(EndReason::protocol, why.what, out);
}

void Session::cannot_compare(std::string_view attribute, Events& out) {
    if (is_over()) return;
    end(EndReason::cookie_refused,
        "entries do not show " + std::string(attribute) +
            " to this account, so what is here cannot be compared; reading everything again",
        out);
}

void Session::end(EndReason reason, std::string text, Events& out) {
    stage_ = Stage::over;
    out.emplace_back(SessionEnds{reason, of_.uri, std::move(text)});
}

}  // namespace splitmx::ldap::sync
