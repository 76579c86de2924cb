#include "lint/repair.hpp"

#include "ldap/change.hpp"
#include "lint/wrap.hpp"
#include "schema/recipient_change.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace splitmx::lint {

namespace {

using ldap::Modification;

// The entries as they would be after what was proposed so far, so that nothing is proposed twice.
using Present = std::map<std::size_t, ldap::Entry>;

// What is proposed for one finding: one change for each entry, however many of its values are
// concerned.
class Records {
public:
    Records(schema::Listing const& listing, Present& present)
        : listing_(listing), present_(present) {}

    void add(RemoveAddress const& remedy) {
        with(remedy.listed, [&](auto const& profile, auto const& entry) {
            return schema::without_address(profile, entry, remedy.address);
        });
    }
    void add(RemoveMember const& remedy) {
        with(remedy.listed, [&](auto const& profile, auto const& entry) {
            return schema::without_member(profile, entry, remedy.member);
        });
    }
    void add(ReplaceValue const& remedy) {
        with(remedy.listed, [&](auto const&, auto const& entry) {
            using Operation = Modification::Operation;
            std::vector<Modification> both{
                {Operation::remove, remedy.attribute, {remedy.from}},
                {Operation::add, remedy.attribute, {remedy.to}}};
            // The right spelling may be there already, beside the wrong one.
            if (entry.has_value_no_case(remedy.attribute, remedy.to) &&
                !ldap::equal_no_case(remedy.from, remedy.to)) {
                both.pop_back();
            }
            return mail::Result<ldap::ModifyEntry>(ldap::ModifyEntry{entry.dn(), std::move(both)});
        });
    }
    void add(ChooseOwner const& remedy) {
        for (auto const owner : remedy.listed) {
            auto const* entry = entry_of(owner);
            if (!entry) continue;
            auto const change = schema::without_address(
                listing_.profile_of(listing_.recipients[owner]), *entry, remedy.address
            );
            if (!change) continue;
            choices_ += ldap::to_comment(choices_.empty() ? "Either:" : "\nor:");
            choices_ += ldap::to_comment(without_end(ldap::to_ldif(*change)));
        }
    }

    std::size_t records() const { return changes_.size(); }
    bool has_choices() const { return !choices_.empty(); }

    std::string text(std::string const& comment) const {
        if (changes_.empty() && choices_.empty()) return "";
        auto text = ldap::to_comment(comment);
        for (auto const& [listed, change] : changes_) text += ldap::to_ldif(change);
        return choices_.empty() ? text : text + choices_ + "\n";
    }

private:
    static std::string without_end(std::string record) {
        while (record.ends_with('\n')) record.pop_back();
        return record + "\n";
    }

    ldap::Entry const* entry_of(std::size_t listed) const {
        auto const changed = present_.find(listed);
        if (changed != present_.end()) return &changed->second;
        return listing_.recipients[listed].entry.get();
    }

    template <class Make>
    void with(std::size_t listed, Make make) {
        auto const* entry = entry_of(listed);
        if (!entry) return;
        auto change = make(listing_.profile_of(listing_.recipients[listed]), *entry);
        if (!change) return;
        auto after = ldap::apply(*change, *entry);
        if (!after) return;  // it is so already
        auto& all = changes_.try_emplace(
                                listed, ldap::ModifyEntry{change->dn, {}}
        ).first->second.modifications;
        for (auto& modification : change->modifications) all.push_back(std::move(modification));
        present_.insert_or_assign(listed, std::move(*after));
    }

    schema::Listing const& listing_;
    Present& present_;
    std::map<std::size_t, ldap::ModifyEntry> changes_;
    std::string choices_;
};

Records records_for(Finding const& finding, schema::Listing const& listing, Present& present) {
    Records records(listing, present);
    for (auto const& remedy : finding.remedies) {
        std::visit([&](auto const& one) { records.add(one); }, remedy);
    }
    return records;
}

std::string comment_of(Finding const& finding) {
    constexpr std::size_t width = line_width - 2;  // behind "# "
    auto const& rule = info(finding.rule);
    auto text = wrapped(fmt::format("{} {}: ", rule.id, rule.name), finding.text, 0, width);
    if (!finding.advice.empty()) text += wrapped("-> ", finding.advice, 3, width);
    return text;
}

constexpr std::string_view heading =
    "Proposed by splitmx directory lint. Read it, choose, then apply it with ldapmodify.\n"
    "Nothing has been changed.";

}  // namespace

Repair repair(Findings const& findings, schema::Listing const& listing) {
    Repair repair;
    std::string text;
    Present present;
    for (auto const& finding : findings) {
        auto const records = records_for(finding, listing, present);
        repair.records += records.records();
        if (records.has_choices()) ++repair.choices;
        text += records.text(comment_of(finding));
    }
    if (!text.empty()) repair.ldif = ldap::to_comment(heading) + "\n" + text;
    return repair;
}

std::string repair_ldif(Finding const& finding, schema::Listing const& listing) {
    Present present;
    return records_for(finding, listing, present).text("");
}

}  // namespace splitmx::lint
