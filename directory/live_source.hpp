// A directory that is asked at the moment a recipient is decided: pooled, pipelined searches with a
// cache in front. The addresses of one question travel in one search; an address that is being
// asked for already is not asked twice. Threads: see Source; answers come on the pool's thread.
// Errors: whatever keeps the server from telling is Unavailable, a missing search base too: only a
// search that succeeded can say "nobody". Source: RFC 4511 4.5, directory profiles of the contract.
#pragma once

#include "directory/answer_cache.hpp"
#include "directory/source.hpp"
#include "ldap/search.hpp"
#include "schema/profile.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::directory {

// How a search is made: the pool's, or a test's. `done` exactly once, on any thread.
using SearchFunction =
    std::function<void(ldap::SearchRequest, std::function<void(ldap::SearchResult)>)>;

// Told about entries that need an administrator's eye.
struct LiveObserver {
    std::function<void(mail::Mailbox const&, std::vector<resolver::EntryName> const&)> ambiguous;
};

class LiveSource final : public Source {
public:
    struct Settings {
        std::string name;
        ldap::Dn base;
        schema::Profile profile;
        AnswerCache::Settings cache;
        std::vector<ldap::Dn> other_bases{};  // of directories that are asked beside this one
    };

    LiveSource(Settings settings, SearchFunction search, LiveObserver observer = {});
    ~LiveSource() override;

    std::string const& name() const override;
    resolver::Answer find(resolver::LookupKey const& key) const override;
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override;
    Health health() const override;

private:
    class Core;
    std::shared_ptr<Core> core_;  // shared with searches under way
};

}  // namespace splitmx::directory
