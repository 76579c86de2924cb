// From a configuration to the sources it names.
#include "directory/directory_service.hpp"
#include "directory/ldif_source.hpp"
#include "directory/live_source.hpp"
#include "ldap/net/pool.hpp"

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

mail::Result<std::unique_ptr<Source>> open_source(
    config::Directory const& directory, ServiceObserver const& observer
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
        {directory.cache, directory.negative_cache}};
    return std::unique_ptr<Source>(std::make_unique<ServerSource>(
        std::move(settings), pool_of(directory, observer), LiveObserver{observer.ambiguous}
    ));
}

}  // namespace

mail::Result<std::unique_ptr<DirectoryService>> DirectoryService::start(
    config::Config const& config, ServiceObserver observer, DirectoryService const* previous
) {
    std::vector<Opened> sources;
    for (auto const& directory : config.directories) {
        auto kept = previous != nullptr ? previous->find_source(directory.setup) : nullptr;
        if (kept != nullptr) {
            sources.push_back({directory.setup, std::move(kept)});
            continue;
        }
        auto source = open_source(directory, observer);
        if (!source) return source.error();
        sources.push_back({directory.setup, std::move(source.value())});
    }
    return std::make_unique<DirectoryService>(std::move(sources));
}

}  // namespace splitmx::directory
