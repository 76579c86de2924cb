// A directory that is followed: a copy in memory answers, and the server itself only where the copy
// may not (copy/copy.hpp). A snapshot in the state directory serves from the first moment, and is
// written anew after a refresh, every few minutes while something changes, and at the end.
// Threads: see Source; three of its own: the client that follows, the pool that asks, one that
// writes snapshots. Observers are called on the client's. Errors: none; what goes wrong is told to
// the observer and stands in health().
#pragma once

#include "directory/copy/copy.hpp"
#include "directory/copy/snapshot.hpp"
#include "directory/live_source.hpp"
#include "directory/snapshot_keeper.hpp"
#include "directory/source.hpp"
#include "ldap/net/pool.hpp"
#include "ldap/net/sync_client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace splitmx::directory {

class CopiedSource final : public Source {
public:
    struct Settings {
        LiveSource::Settings live;
        ldap::net::PoolSettings pool;
        ldap::net::SyncSettings sync;
        copy::Copy::Settings copy;
        std::string snapshot;  // path; its folder exists. Empty: none is kept
        copy::Snapshot::Source made_from;
    };

    CopiedSource(Settings settings, copy::CopyObserver observer);
    ~CopiedSource() override;

    std::string const& name() const override { return live_.name(); }
    resolver::Answer find(resolver::LookupKey const& key) const override;
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override;
    Health health() const override;
    std::optional<copy::AcceptResult> accept_removals() override { return copy_.accept(); }
    bool read_again() override;
    std::size_t parts() const override;
    std::vector<schema::ListedRecipient> part(std::size_t number) const override {
        return copy_.part(number);
    }

private:
    Answers with_what_the_copy_has(std::vector<resolver::LookupKey> const& keys, Answers&& answers)
        const;

    std::unique_ptr<SnapshotKeeper> keeper_;  // none yet while the copy is made: it is told of it
    copy::Copy copy_;
    ldap::net::Pool pool_;
    LiveSource live_;
    std::optional<ldap::net::SyncClient> client_;
};

}  // namespace splitmx::directory
