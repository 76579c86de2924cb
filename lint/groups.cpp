// Groups and restrictions: whom they name, and who is not there. Circles are found in one pass over
// all groups (Tarjan), whatever their depth.
#include "lint/checks.hpp"
#include "lint/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace splitmx::lint {

namespace {

using resolver::Recipient;
using resolver::RecipientKind;

std::string name_of(Recipient const& group) {
    return group.addresses.empty() ? group.name.text : shown(group.addresses.front());
}

// The groups that are members of groups, as positions in the listing.
class Nesting {
public:
    Nesting(People const& people, Probe& probe);

    // Groups that contain each other, each circle once; in the order of the listing.
    std::vector<std::vector<std::size_t>> circles();

    // By listing position: groups that mail can come to, because they or groups that contain them
    // have an address. The others, such as security groups of Active Directory, are none of mail's.
    std::vector<bool> reached() const;

private:
    // One group whose members are being looked at.
    struct Frame {
        std::size_t group;
        std::size_t next = 0;  // member
    };

    void visit(std::size_t start);
    void enter(std::size_t group);
    void leave(std::size_t group);

    People const& people_;
    std::vector<std::vector<std::size_t>> inner_;  // by listing position
    std::vector<std::uint32_t> order_;             // 0: not seen
    std::vector<std::uint32_t> lowest_;
    std::vector<bool> open_;
    std::vector<std::size_t> stack_;
    std::vector<Frame> frames_;
    std::uint32_t seen_ = 0;
    std::vector<std::vector<std::size_t>> circles_;
};

Nesting::Nesting(People const& people, Probe& probe)
    : people_(people),
      inner_(people.all().size()),
      order_(people.all().size()),
      lowest_(people.all().size()),
      open_(people.all().size()) {
    auto const is_group = [&](std::size_t i) {
        return people.all()[i].recipient->kind == RecipientKind::group;
    };
    for (std::size_t i = 0; i < inner_.size(); ++i) {
        if (!is_group(i)) continue;
        auto const& group = *people.all()[i].recipient;
        for (auto const& member : group.members) {
            for (auto const entry : people.entries(member)) {
                if (is_group(entry)) inner_[i].push_back(entry);
            }
        }
        for (auto const& address : group.member_addresses) {
            for (auto const entry : people.entries(probe.entry_of(address))) {
                if (is_group(entry)) inner_[i].push_back(entry);
            }
        }
    }
}

std::vector<bool> Nesting::reached() const {
    std::vector<bool> reached(inner_.size());
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < inner_.size(); ++i) {
        auto const& recipient = *people_.all()[i].recipient;
        if (recipient.kind == RecipientKind::group && !recipient.addresses.empty()) {
            reached[i] = true;
            open.push_back(i);
        }
    }
    while (!open.empty()) {
        auto const group = open.back();
        open.pop_back();
        for (auto const member : inner_[group]) {
            if (reached[member]) continue;
            reached[member] = true;
            open.push_back(member);
        }
    }
    return reached;
}

void Nesting::enter(std::size_t group) {
    order_[group] = lowest_[group] = ++seen_;
    open_[group] = true;
    stack_.push_back(group);
    frames_.push_back({group});
}

void Nesting::leave(std::size_t group) {
    if (lowest_[group] != order_[group]) return;
    std::vector<std::size_t> circle;
    std::size_t last = 0;
    do {
        last = stack_.back();
        stack_.pop_back();
        open_[last] = false;
        circle.push_back(last);
    } while (last != group);
    auto const& own = inner_[group];
    bool const in_itself = std::find(own.begin(), own.end(), group) != own.end();
    if (circle.size() == 1 && !in_itself) return;
    std::sort(circle.begin(), circle.end());
    circles_.push_back(std::move(circle));
}

void Nesting::visit(std::size_t start) {
    enter(start);
    while (!frames_.empty()) {
        auto& frame = frames_.back();
        auto const group = frame.group;
        if (frame.next < inner_[group].size()) {
            auto const member = inner_[group][frame.next++];
            if (order_[member] == 0) {
                enter(member);
            } else if (open_[member]) {
                lowest_[group] = std::min(lowest_[group], order_[member]);
            }
            continue;
        }
        frames_.pop_back();
        leave(group);
        if (!frames_.empty()) {
            auto& outer = lowest_[frames_.back().group];
            outer = std::min(outer, lowest_[group]);
        }
    }
}

std::vector<std::vector<std::size_t>> Nesting::circles() {
    for (std::size_t i = 0; i < inner_.size(); ++i) {
        if (order_[i] == 0 && !inner_[i].empty()) visit(i);
    }
    std::sort(circles_.begin(), circles_.end());
    return std::move(circles_);
}

void check_circles(Scene const& scene, Nesting& nesting, std::vector<bool> const& reached) {
    for (auto const& circle : nesting.circles()) {
        if (!reached[circle.front()]) continue;
        auto const& first = *scene.people.all()[circle.front()].recipient;
        Finding finding(
            Rule::group_cycle,
            circle.size() == 1
                ? fmt::format("group {} is a member of itself, which adds nobody", name_of(first))
                : fmt::format("{} groups contain each other; each is expanded once", circle.size())
        );
        for (auto const group : circle) {
            finding.places.push_back({scene.people.all()[group].recipient->name.text, ""});
        }
        scene.findings.push_back(std::move(finding));
    }
}

void check_members(Scene const& scene, Probe& probe, std::size_t i) {
    auto const& group = *scene.people.all()[i].recipient;
    Finding finding(Rule::missing_member, "");
    for (auto const& member : group.members) {
        if (!scene.people.entries(member).empty()) continue;
        finding.places.push_back({group.name.text, "member " + mail::to_log_text(member.text)});
        finding.remedies.emplace_back(RemoveMember{i, member});
    }
    for (auto const& address : group.member_addresses) {
        // A catch-all, a subaddress or a postmaster: the relay itself says whether somebody is
        // there.
        if (probe.decide(address).reason != mail::Reason::unknown_recipient) continue;
        finding.places.push_back({group.name.text, "member " + address.to_log()});
    }
    auto const missing = finding.places.size();
    auto const all = group.members.size() + group.member_addresses.size();
    // A group inside another one may be empty: it adds nobody.
    if (all == missing && group.malformed_members.empty() && !group.addresses.empty()) {
        Finding empty(
            Rule::empty_group,
            fmt::format(
                "group {} {}; mail for it gets 554 5.4.4",
                name_of(group),
                all == 0 ? "has no members" : "has no member that is a recipient"
            )
        );
        empty.places.push_back({group.name.text, ""});
        scene.findings.push_back(std::move(empty));
    }
    if (missing == 0) return;
    finding.text = fmt::format(
        "{} of group {} {}; senders get a report each time",
        counted(missing, "member", "members"),
        name_of(group),
        missing == 1 ? "is no recipient" : "are no recipients"
    );
    finding.advice = "take them off the list, or make them recipients";
    scene.findings.push_back(std::move(finding));
}

void check_restrictions(Scene const& scene, Recipient const& recipient) {
    auto const absent = [&](std::vector<resolver::Originator> const& named, Finding& finding) {
        for (auto const& originator : named) {
            auto const* entry = std::get_if<resolver::EntryName>(&originator);
            if (!entry || !scene.people.entries(*entry).empty()) continue;
            finding.places.push_back(
                {recipient.name.text, "names " + mail::to_log_text(entry->text)}
            );
        }
    };
    Finding accept(Rule::restriction_nobody, "");
    absent(recipient.accept_from, accept);
    bool const nobody =
        !accept.places.empty() && accept.places.size() == recipient.accept_from.size();
    absent(recipient.reject_from, accept);
    if (accept.places.empty()) return;
    accept.text =
        nobody ? fmt::format(
                     "{} accepts mail only from those who are no recipients: from nobody",
                     name_of(recipient)
                 )
               : fmt::format(
                     "a restriction of {} names those who are no recipients", name_of(recipient)
                 );
    scene.findings.push_back(std::move(accept));
}

}  // namespace

void check_groups(Scene const& scene) {
    Probe probe(scene.people, scene.table);
    Nesting nesting(scene.people, probe);
    auto const reached = nesting.reached();
    check_circles(scene, nesting, reached);
    for (std::size_t i = 0; i < scene.people.all().size(); ++i) {
        auto const& recipient = *scene.people.all()[i].recipient;
        if (reached[i]) check_members(scene, probe, i);
        check_restrictions(scene, recipient);
    }
}

}  // namespace splitmx::lint
