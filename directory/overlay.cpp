#include "directory/overlay.hpp"

#include "directory/entry_changes.hpp"
#include "directory/entry_desk.hpp"
#include "schema/entry_filter.hpp"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace splitmx::directory {

namespace {

class Overlay {
public:
    Overlay(schema::Listing& listing, config::Config const& config)
        : listing_(listing), config_(config) {}

    mail::Result<void> run(std::span<ldap::Change const> changes) {
        EntryChanges pending(changes);
        take_out(pending);
        for (auto const& dn : pending.names()) {
            std::optional<ldap::Entry> present;
            auto source = source_of(dn);
            if (pending.needs_present(dn)) {
                auto found = read(dn, source);
                if (!found) return found.error();
                present = std::move(*found);
            }
            auto after = pending.settle(dn, std::move(present));
            if (!after) return mail::Error{after.error().what, 0};
            if (*after) put(source, std::move(**after));
        }
        return {};
    }

private:
    // Whoever is changed is made anew; where he was listed is remembered.
    void take_out(EntryChanges const& pending) {
        for (auto const& dn : pending.names()) listed_.emplace(dn.key(), nowhere);
        std::erase_if(listing_.recipients, [this](schema::ListedRecipient const& one) {
            auto const found = listed_.find(one.recipient->name.key);
            if (found == listed_.end()) return false;
            found->second = one.source;
            return true;
        });
    }

    // Of a new entry: the directory below whose base it is, else the first.
    std::size_t source_of(ldap::Dn const& dn) const {
        auto const known = listed_.at(dn.key());
        if (known != nowhere) return known;
        auto const& all = config_.directories;
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const base = ldap::Dn::parse(all[i].base);
            if (!all[i].ldif_file && base && dn.is_within(*base)) return i;
        }
        return 0;
    }

    // Where it should be first, then everywhere: an entry that is no recipient is in no listing.
    mail::Result<std::optional<ldap::Entry>> read(ldap::Dn const& dn, std::size_t& source) {
        std::vector<std::size_t> order{source};
        for (std::size_t i = 0; i < config_.directories.size(); ++i) {
            if (i != source) order.push_back(i);
        }
        for (auto const i : order) {
            auto desk = desks_.find(i);
            if (desk == desks_.end()) {
                auto opened = EntryDesk::open(config_.directories[i]);
                if (!opened) return opened.error();
                desk = desks_.emplace(i, std::move(*opened)).first;
            }
            auto found = desk->second.at(dn);
            if (!found) return found.error();
            if (found->empty()) continue;
            source = i;
            return std::optional(std::move(found->front()));
        }
        return std::optional<ldap::Entry>();
    }

    void put(std::size_t source, ldap::Entry entry) {
        auto const filter = schema::EntryFilter::compile(listing_.sources[source].profile.filter);
        // What only a server can judge is taken for a recipient of its own.
        if (filter && !filter->matches(entry)) return;
        listing_.add(source, std::make_shared<ldap::Entry const>(std::move(entry)));
    }

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    schema::Listing& listing_;
    config::Config const& config_;
    std::unordered_map<std::string, std::size_t> listed_;  // by the key of its name
    std::map<std::size_t, EntryDesk> desks_;
};

}  // namespace

mail::Result<void> lay_over(
    schema::Listing& listing, config::Config const& config, std::span<ldap::Change const> changes
) {
    if (changes.empty() || listing.sources.empty()) return {};
    return Overlay(listing, config).run(changes);
}

}  // namespace splitmx::directory
