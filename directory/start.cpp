// From a configuration to the sources it names.
#include "directory/copied_source.hpp"
#include "directory/directory_service.hpp"
#include "directory/ldif_source.hpp"
#include "directory/live_source.hpp"
#include "directory/sync_settings.hpp"
#include "ldap/net/pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace splitmx::directory {

namespace {

// A file answers at once and never changes while it is open.
class FileSource final : public Source {
public:
    FileSource(std::string name, std::shared_ptr<LdifDirectory const> entries)
        : name_(std::move(name)), entries_(std::move(entries)) {}

    std::string const& name() const override { return name_; }
    resolver::Answer find(resolver::LookupKey const& key) const override {
        return std::visit([this](auto const& k) { return entries_->find(k); }, key);
    }
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override {
        Answers answers;
        answers.reserve(keys.size());
        for (auto const& key : keys) answers.push_back(find(key));
        done(std::move(answers));
    }
    Health health() const override { return {State::live, 0, {}}; }
    std::size_t parts() const override { return 1; }
    std::vector<schema::ListedRecipient> part(std::size_t) const override {
        std::unordered_map<std::string, std::vector<schema::MappingRemark> const*> remarks;
        for (auto const& one : entries_->remarks()) remarks.emplace(one.entry.key, &one.remarks);
        std::vector<schema::ListedRecipient> listed;
        for (auto const& recipient : entries_->recipients()) {
            auto const found = remarks.find(recipient->name.key);
            listed.push_back({recipient, nullptr, {}});
            if (found != remarks.end()) listed.back().remarks = *found->second;
        }
        return listed;
    }

private:
    std::string name_;
    std::shared_ptr<LdifDirectory const> entries_;
};

// A pool and the source that asks it, which must not outlive it.
class ServerSource final : public Source {
public:
    ServerSource(LiveSource::Settings settings, ldap::net::PoolSettings pool, LiveObserver observer)
        : pool_(std::move(pool)),
          live_(
              std::move(settings),
              [this](ldap::SearchRequest request, std::function<void(ldap::SearchResult)> done) {
                  pool_.search(std::move(request), std::move(done));
              },
              std::move(observer)
          ) {}
    ~ServerSource() override { pool_.stop(); }

    std::string const& name() const override { return live_.name(); }
    resolver::Answer find(resolver::LookupKey const& key) const override { return live_.find(key); }
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) override {
        live_.ask(std::move(keys), std::move(done));
    }
    Health health() const override { return live_.health(); }

private:
    ldap::net::Pool pool_;
    LiveSource live_;
};

ldap::net::PoolSettings pool_of(
    config::Directory const& directory, ServiceObserver const& observer
) {
    ldap::net::PoolSettings pool;
    for (auto const& server : directory.servers) {
        pool.uris.push_back(server.uri);
        // One protected server protects all: a password is never sent in clear by mistake.
        pool.starttls = pool.starttls || server.starttls;
    }
    pool.bind_dn = directory.bind_dn;
    pool.password = directory.password;
    pool.tls_ca = directory.tls_ca ? directory.tls_ca->string() : std::string();
    pool.tls_verify = directory.tls_verify;
    pool.search_timeout = directory.timeout;
    if (observer.connection) {
        pool.on_event = [tell = observer.connection,
                         name = directory.name](ldap::net::PoolEvent const& event) {
            bool const up = event.kind == ldap::net::PoolEvent::Kind::connected;
            tell(name, up ? event.uri : event.uri + ": " + event.text, up);
        };
    }
    return pool;
}

// Of everything that decides what is in the copy.
copy::Snapshot::Source made_from(
    config::Directory const& directory, ldap::net::SyncSettings const& sync
) {
    return {
        {"uri", fmt::format("{}", fmt::join(sync.uris, " "))},
        {"base", sync.base.key()},
        {"filter", sync.filter.text()},
        {"list of attributes", fmt::format("{}", fmt::join(sync.attributes, " "))},
        {"bind_dn", sync.connect.bind_dn},
        {"profile", directory.profile_setup}};
}

// "main.copy"; whatever a name may hold, it stays one file in this folder.
std::string snapshot_path(std::filesystem::path const& state_dir, std::string const& name) {
    std::string file;
    for (char const c : name) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_';
        file += plain
                    ? std::string(1, c)
                    : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return (state_dir / "directory" / (file + ".copy")).string();
}

std::unique_ptr<Source> follow(
    config::Directory const& directory,
    LiveSource::Settings live,
    std::filesystem::path const& state_dir,
    ServiceObserver const& observer
) {
    CopiedSource::Settings settings{std::move(live), pool_of(directory, {}), {}, {}, {}, {}};
    settings.sync = sync_settings(directory, settings.live.base);
    settings.copy = {
        directory.profile,
        directory.fresh,
        directory.max_age,
        directory.refresh,
        settings.live.other_bases};
    settings.made_from = made_from(directory, settings.sync);
    settings.snapshot = snapshot_path(state_dir, directory.name);
    copy::CopyObserver told;
    if (observer.note) {
        told.note = [tell = observer.note, name = directory.name](copy::Note const& note) {
            tell(name, note.text, note.alarm);
        };
    }
    if (observer.ambiguous) {
        told.shared = [tell = observer.ambiguous](copy::SharedAddress const& shared) {
            tell(shared.address, shared.owners);
        };
    }
    told.changed = observer.changed;
    std::error_code failure;
    auto const folder = std::filesystem::path(settings.snapshot).parent_path();
    std::filesystem::create_directories(folder, failure);
    if (failure) {
        if (told.note) {
            told.note(
                {true,
                 fmt::format("no snapshots are kept: {}: {}", folder.string(), failure.message())}
            );
        }
        settings.snapshot.clear();
    }
    return std::make_unique<CopiedSource>(std::move(settings), std::move(told));
}

mail::Result<std::unique_ptr<Source>> open_source(
    config::Directory const& directory,
    std::filesystem::path const& state_dir,
    ServiceObserver const& observer,
    Following following,
    std::vector<ldap::Dn> other_bases
) {
    if (directory.ldif_file) {
        auto entries = LdifDirectory::load(*directory.ldif_file, directory.profile);
        if (!entries) return mail::Error{entries.error().what, 0};
        return std::unique_ptr<Source>(
            std::make_unique<FileSource>(directory.name, std::move(entries.value()))
        );
    }
    auto base = ldap::Dn::parse(directory.base);
    if (!base) return mail::Error{directory.source + ": base: " + base.error().what, 0};
    LiveSource::Settings settings{
        directory.name,
        std::move(base.value()),
        directory.profile,
        {directory.cache, directory.negative_cache},
        std::move(other_bases)};
    if (following == Following::yes && directory.sync != config::SyncMode::off) {
        return follow(directory, std::move(settings), state_dir, observer);
    }
    return std::unique_ptr<Source>(std::make_unique<ServerSource>(
        std::move(settings), pool_of(directory, observer), LiveObserver{observer.ambiguous}
    ));
}

// What a server refers to is no loss where another directory is asked for it.
std::vector<ldap::Dn> other_bases(config::Config const& config, std::string const& name) {
    std::vector<ldap::Dn> bases;
    for (auto const& directory : config.directories) {
        auto base = ldap::Dn::parse(directory.base);
        if (directory.name != name && !directory.ldif_file && base) {
            bases.push_back(std::move(*base));
        }
    }
    return bases;
}

}  // namespace

mail::Result<std::unique_ptr<DirectoryService>> DirectoryService::start(
    config::Config const& config,
    ServiceObserver observer,
    DirectoryService const* previous,
    Following following
) {
    std::vector<Opened> sources;
    for (auto const& directory : config.directories) {
        auto kept = previous != nullptr ? previous->find_source(directory.setup) : nullptr;
        if (kept != nullptr) {
            sources.push_back({directory.setup, std::move(kept)});
            continue;
        }
        auto source = open_source(
            directory,
            config.server.state_dir,
            observer,
            following,
            other_bases(config, directory.name)
        );
        if (!source) return source.error();
        sources.push_back({directory.setup, std::move(source.value())});
    }
    return std::make_unique<DirectoryService>(std::move(sources));
}

}  // namespace splitmx::directory
