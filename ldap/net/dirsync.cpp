#include "ldap/dirsync.hpp"

#include "ldap/net/libldap.hpp"
#include "ldap/net/long_search.hpp"
#include "ldap/net/sync_task.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using dirsync::Delta;
using dirsync::Stand;
using dirsync::Touched;
using sync::EntryChange;
using sync::SessionEnds;
using Clock = Channel::Clock;
using End = std::optional<SessionEnds>;

constexpr std::size_t objects_of_a_question = 50;
constexpr std::size_t names_of_a_question = 20;
// A delta costs a server the more the larger its domain is (Samba: 20 us for each object). It rests
// that many times as long as one took.
constexpr int rest = 5;

class DirSync {
public:
    explicit DirSync(SyncTask const& task)
        : task_(task), context_(task.facts.naming_context_of(task.settings.base)) {}

    [[nodiscard]] SyncOutcome run(std::optional<sync::Cookie> const& cookie) {
        auto end = begin(cookie);
        while (!end) end = follow();
        return {std::move(*end), refreshed_, served_};
    }

private:
    [[nodiscard]] End begin(std::optional<sync::Cookie> const& cookie) {
        if (auto end = look_for_deletions()) return end;
        auto const now = read_usn();
        if (!now) return end_of(task_, now.error());
        auto const stand = cookie ? dirsync::to_stand(*cookie) : std::nullopt;
        // Another domain controller counts otherwise; one that is behind was restored.
        bool const resumes = stand && stand->server == task_.facts.service_name &&
                             stand->usn <= *now && !stand->server.empty();
        auto end = resumes ? resume(*stand) : load(*now);
        // Whoever may not ask for changes can still read.
        if (end && refused_ && end->reason == sync::EndReason::refused) {
            end->reason = sync::EndReason::unsupported;
        }
        if (end) return end;
        refreshed_ = true;
        compare_due_ = Clock::now() + (resumes ? Clock::duration::zero()
                                               : Clock::duration(task_.settings.poll_interval));
        return hand_over(task_, events_);
    }

    // Whether this account is shown what was deleted (docs/directory.md has the right it needs).
    [[nodiscard]] End look_for_deletions() {
        auto base = Dn::parse("CN=Deleted Objects," + context_.text());
        if (!base) return std::nullopt;
        SearchRequest request;
        request.base = std::move(*base);
        request.scope = Scope::base;
        // The folder itself is there for everybody, but not what it is like.
        request.attributes = {"isDeleted"};
        Control const control{std::string(dirsync::show_deleted_oid), ""};
        std::vector<sync::Event> ignored;
        auto outcome = search_long(task_, request, control, ignored, [this](Entry const& folder) {
            sees_deletions_ = folder.has("isDeleted");
        });
        if (auto* end = std::get_if<SessionEnds>(&outcome)) return std::move(*end);
        if (sees_deletions_) return std::nullopt;
        events_.emplace_back(sync::Remark{fmt::format(
            "this account is not shown deletions: they are found by comparing, every {} s. For "
            "deletions at once let it list '{}'",
            std::chrono::ceil<std::chrono::seconds>(task_.settings.poll_interval).count(),
            request.base.text()
        )});
        return std::nullopt;
    }

    // Everything. The place first: what changes while we read comes again as a change.
    [[nodiscard]] End load(std::uint64_t usn) {
        stand_ = {task_.facts.service_name, usn, {}};
        if (auto end = ask_delta(dirsync::nobody(), nullptr)) return end;
        events_.emplace_back(sync::RefreshBegins{std::nullopt});
        if (auto end = read_pages(task_, request(task_.settings.filter), events_, taker())) return end;
        events_.emplace_back(sync::RefreshEnds{
            sync::RefreshEnds::Phase::present, dirsync::to_cookie(stand_)});
        return std::nullopt;
    }

    [[nodiscard]] End resume(Stand const& stand) {
        stand_ = stand;
        events_.emplace_back(sync::RefreshBegins{dirsync::to_cookie(stand)});
        auto end = read_changes(nullptr);
        if (end && refused_) {
            return SessionEnds{
                sync::EndReason::cookie_refused,
                task_.of.uri,
                end->text + "; reading everything again"};
        }
        if (end) return end;
        events_.emplace_back(sync::RefreshEnds{
            sync::RefreshEnds::Phase::deletes, dirsync::to_cookie(stand_)});
        return std::nullopt;
    }

    // One look, and what is due after it.
    [[nodiscard]] End follow() {
        auto const& interrupt = task_.channel.interrupt();
        interrupt.wait_until(Clock::now() + task_.settings.usn_interval);
        if (interrupt.is_pending()) return interrupted(task_);
        auto const usn = read_usn();
        if (!usn) return end_of(task_, usn.error());
        served_ = true;
        auto const now = Clock::now();
        if (*usn == stand_.usn) {
            events_.emplace_back(sync::Heard());
        } else if (now >= not_before_) {
            stand_.usn = *usn;
            if (auto end = read_changes(nullptr)) return end;
            events_.emplace_back(sync::NewCookie{dirsync::to_cookie(stand_)});
            events_.emplace_back(sync::Heard());
        }
        if (auto end = hand_over(task_, events_)) return end;
        if (sees_deletions_ || now < compare_due_) return std::nullopt;
        return compare();
    }

    [[nodiscard]] Result<std::uint64_t> read_usn() {
        SearchRequest request;
        request.scope = Scope::base;
        request.attributes = {std::string(dirsync::usn_attribute)};
        auto const found =
            task_.channel.ask(request, Clock::now() + task_.settings.answer_timeout);
        if (!found) return found.error();
        auto const usn = found->empty() ? std::nullopt : committed_usn(found->front());
        if (usn) return *usn;
        return Error(
            Errc::unsupported, "the root DSE does not show highestCommittedUSN to this account"
        );
    }

    // Who was touched since the last place, page by page; the place is that of the end.
    [[nodiscard]] End ask_delta(Filter const& filter, Delta* delta) {
        SearchRequest request;
        request.base = context_;
        request.filter = filter;
        request.attributes = dirsync::delta_attributes();
        auto const& ours = task_.settings.attributes;
        request.attributes.insert(request.attributes.end(), ours.begin(), ours.end());
        std::vector<sync::Event> ignored;
        for (bool more = true; more;) {
            Control const control{
                std::string(dirsync_oid), dirsync::encode_request(stand_.place)};
            auto outcome = search_long(task_, request, control, ignored, [delta](Entry const& one) {
                if (delta != nullptr) delta->see(one);
            });
            if (auto* end = std::get_if<SessionEnds>(&outcome)) return std::move(*end);
            auto const answer = place_in(std::get<Answer>(outcome));
            if (!answer) {
                refused_ = true;
                return end_of(task_, answer.error());
            }
            more = answer->more;
            stand_.place = answer->place;
        }
        return std::nullopt;
    }

    [[nodiscard]] static Result<dirsync::Answer> place_in(Answer const& answer) {
        if (answer.code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION) {
            return Error(Errc::unsupported, answer.text);
        }
        if (answer.code != LDAP_SUCCESS) return Error(from_result_code(answer.code), answer.text);
        for (auto const& control : answer.controls) {
            if (control.oid == dirsync_oid) return dirsync::parse_answer(control.value);
        }
        return Error(Errc::protocol, "the server answered DirSync without a place to go on from");
    }

    // A delta, and the whole records of whom it names. `present` follows what it finds.
    using Ids = std::unordered_set<EntryId>;
    [[nodiscard]] End read_changes(Ids* present) {
        auto const began = Clock::now();
        Delta delta;
        if (auto end = ask_delta(Filter(), &delta)) return end;
        Ids found;
        for (std::size_t at = 0; at < delta.changed.size(); at += objects_of_a_question) {
            auto const some = std::span(delta.changed)
                                  .subspan(at, std::min(objects_of_a_question,
                                                        delta.changed.size() - at));
            auto const filter = dirsync::these(some, task_.settings.filter);
            if (auto end = read_pages(task_, request(filter), events_, taker(&found))) return end;
        }
        std::vector<Dn> renamed;
        for (auto const& object : delta.changed) {
            if (object.renamed) renamed.push_back(object.dn);
            if (found.contains(object.id)) continue;
            removed(object.id, object.dn);
            if (auto end = object.renamed ? look_below(object.dn) : End()) return end;
        }
        for (auto const& id : delta.removed) removed(id, Dn());
        if (auto end = read_holders(renamed, &found)) return end;
        if (present != nullptr) {
            for (auto const& id : delta.removed) present->erase(id);
            for (auto const& object : delta.changed) present->erase(object.id);
            present->insert(found.begin(), found.end());
        }
        not_before_ = Clock::now() + rest * (Clock::now() - began);
        return std::nullopt;
    }

    void removed(EntryId const& id, Dn const& dn) {
        events_.emplace_back(EntryChange{EntryChange::State::remove, id, Entry(dn), std::nullopt});
    }

    // Nothing is told of those below an object that has another name now.
    [[nodiscard]] End look_below(Dn const& dn) {
        SearchRequest request;
        request.base = dn;
        request.scope = Scope::one_level;
        request.attributes = {LDAP_NO_ATTRS};
        request.size_limit = 1;
        bool any = false;
        std::vector<sync::Event> ignored;
        auto outcome =
            search_long(task_, request, std::nullopt, ignored, [&any](Entry const&) { any = true; });
        if (auto* end = std::get_if<SessionEnds>(&outcome)) return std::move(*end);
        if (any) {
            events_.emplace_back(sync::Doubt{fmt::format(
                "'{}' has this name or place now, and what is below it moved with it", dn.text()
            )});
        }
        return std::nullopt;
    }

    // Members and alternates are written with the present name of an entry: it changes by itself,
    // and the group does not count as changed.
    [[nodiscard]] End read_holders(std::vector<Dn> const& names, Ids* found) {
        auto const& links = task_.settings.links;
        if (links.empty()) return std::nullopt;
        for (std::size_t at = 0; at < names.size(); at += names_of_a_question) {
            auto const some =
                std::span(names).subspan(at, std::min(names_of_a_question, names.size() - at));
            auto const filter = dirsync::holders(some, links, task_.settings.filter);
            if (auto end = read_pages(task_, request(filter), events_, taker(found))) return end;
        }
        return std::nullopt;
    }

    // Without the sight of deletions: whoever is not there any more is gone. A delta follows the
    // list, so that whoever came meanwhile is known, and is no reason to read everything.
    [[nodiscard]] End compare() {
        auto const began = Clock::now();
        Ids present;
        auto ids = request(task_.settings.filter);
        ids.attributes = {std::string(dirsync::id_attribute)};
        std::vector<sync::Event> ignored;
        auto end = read_pages(task_, ids, ignored, [&](Entry const& entry) {
            if (auto const id = id_of(entry)) present.insert(*id);
        });
        if (end) return end;
        if ((end = read_changes(&present))) return end;
        events_.emplace_back(sync::NewCookie{dirsync::to_cookie(stand_)});
        events_.emplace_back(sync::RefreshBegins{dirsync::to_cookie(stand_)});
        events_.emplace_back(sync::IdSet{
            sync::IdSet::Meaning::present, {present.begin(), present.end()}, std::nullopt});
        events_.emplace_back(
            sync::RefreshEnds{sync::RefreshEnds::Phase::present, std::nullopt}
        );
        auto const now = Clock::now();
        compare_due_ = now + std::max<Clock::duration>(
                                 task_.settings.poll_interval, 2 * rest * (now - began)
                             );
        return hand_over(task_, events_);
    }

    [[nodiscard]] SearchRequest request(Filter const& filter) const {
        SearchRequest out;
        out.base = task_.settings.base;
        out.filter = filter;
        out.attributes = task_.settings.attributes;
        if (out.attributes.empty()) out.attributes.emplace_back(LDAP_ALL_USER_ATTRIBUTES);
        out.attributes.emplace_back(dirsync::id_attribute);
        return out;
    }

    [[nodiscard]] static std::optional<EntryId> id_of(Entry const& entry) {
        auto const octets = entry.first(dirsync::id_attribute);
        return octets ? EntryId::from_octets(*octets) : std::nullopt;
    }

    // An entry that shows no id cannot be told from others, and does not count.
    [[nodiscard]] TakeEntry taker(Ids* found = nullptr) {
        return [this, found](Entry entry) {
            auto const id = id_of(entry);
            if (!id || (found != nullptr && !found->insert(*id).second)) return;
            entry.keep_only(task_.settings.attributes);
            events_.emplace_back(
                EntryChange{EntryChange::State::add, *id, std::move(entry), std::nullopt}
            );
        };
    }

    SyncTask const& task_;
    Dn context_;
    Stand stand_;
    std::vector<sync::Event> events_;
    bool sees_deletions_ = false;
    bool refused_ = false;  // DirSync itself, with its place
    bool refreshed_ = false;
    bool served_ = false;
    Clock::time_point not_before_{};
    Clock::time_point compare_due_{};
};

}  // namespace

SyncOutcome run_dirsync(SyncTask const& task, std::optional<sync::Cookie> const& cookie) {
    return DirSync(task).run(cookie);
}

}  // namespace splitmx::ldap::net
