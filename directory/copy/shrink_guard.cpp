#include "directory/copy/shrink_guard.hpp"

#include "directory/copy/hash.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

constexpr std::size_t percent = 5;
constexpr std::size_t always_allowed = 50;  // entries
constexpr std::size_t domains_told = 5;
constexpr std::size_t examples_kept = 10;

}  // namespace

Loss measure_loss(Index const& index) {
    Loss loss;
    std::vector<Codec::Domains::Id> ids;
    std::vector<bool> left;
    std::vector<Codec::Domains::Id> gone;
    index.visit_entries([&](ldap::EntryId const& id, Record const& record, bool confirmed) {
        ++loss.entries;
        index.codec().domain_ids(record, ids);
        if (confirmed) {
            for (auto const domain : ids) {
                if (domain >= left.size()) left.resize(domain + 1);
                left[domain] = true;
            }
            return;
        }
        ++loss.lost;
        auto const& octets = id.octets();
        // A sum, since entries come in any order.
        loss.digest += hash({reinterpret_cast<char const*>(octets.data()), octets.size()}, 1);
        gone.insert(gone.end(), ids.begin(), ids.end());
        if (loss.examples.size() < examples_kept &&
            Codec::kind(record) != RecordKind::no_recipient) {
            loss.examples.push_back(index.codec().name(record).text);
        }
    });
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
    for (auto const domain : gone) {
        if (domain < left.size() && left[domain]) continue;
        loss.domains.push_back(index.codec().domains()[domain].text());
    }
    std::sort(loss.domains.begin(), loss.domains.end());
    std::sort(loss.examples.begin(), loss.examples.end());
    return loss;
}

bool is_mass(std::size_t lost, std::size_t entries) {
    return lost > always_allowed && lost * 100 > entries * percent;
}

bool needs_consent(Loss const& loss) {
    return is_mass(loss.lost, loss.entries) || !loss.domains.empty();
}

std::string to_text(Loss const& loss) {
    auto text = fmt::format(
        "{} of {} {}", loss.lost, loss.entries, loss.entries == 1 ? "entry" : "entries"
    );
    if (loss.domains.empty()) return text;
    auto const told = std::min(loss.domains.size(), domains_told);
    text += fmt::format(
        ", and with {} all recipients of {}",
        loss.lost == 1 ? "it" : "them",
        fmt::join(
            loss.domains.begin(), loss.domains.begin() + static_cast<std::ptrdiff_t>(told), ", "
        )
    );
    if (loss.domains.size() > told) {
        text += fmt::format(" and {} more domains", loss.domains.size() - told);
    }
    return text;
}

}  // namespace splitmx::directory::copy
