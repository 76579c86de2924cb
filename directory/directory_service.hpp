// All directories of a configuration as one: what the router asks.
// Threads: any. Ownership: owns its sources; outlives its questions. Errors: a source that cannot
// be set up (a broken LDIF file, an unknown profile) fails the start; a server that is down does
// not.
#pragma once

#include "config/config.hpp"
#include "directory/source.hpp"
#include "mail/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::directory {

struct SourceHealth {
    std::string name;
    Health health;
};

// Where the service tells what happens; each may be empty. Called on any thread.
struct ServiceObserver {
    std::function<void(std::string const& source, std::string const& text, bool up)> connection;
    std::function<void(mail::Mailbox const&, std::vector<resolver::EntryName> const&)> ambiguous;
    // What a copy has to tell; `alarm`: an administrator should look.
    std::function<void(std::string const& source, std::string const& text, bool alarm)> note;
    // Addresses whose entry has changed: what was decided about them may be another decision now.
    std::function<void(std::vector<mail::Mailbox> const&)> changed;
};

// Whether servers are followed by copies, or only asked.
enum class Following { yes, no };

class DirectoryService {
public:
    // Sources of `previous` that are set up as the configuration says go on as they are, shared
    // with it: connections, copies, caches. The others are started; its own end with it.
    static mail::Result<std::unique_ptr<DirectoryService>> start(
        config::Config const& config,
        ServiceObserver observer,
        DirectoryService const* previous = nullptr,
        Following following = Following::yes
    );
    struct Opened {
        std::string setup;  // config::Directory::setup
        std::shared_ptr<Source> source;
    };
    explicit DirectoryService(std::vector<Opened> sources) : sources_(std::move(sources)) {}

    resolver::Answer find(resolver::LookupKey const& key) const;
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done);
    std::shared_ptr<Source const> source(std::string const& name) const;  // null: there is none
    // Nothing and false: there is no such source, or it has no copy. See Source.
    std::optional<copy::AcceptResult> accept_removals(std::string const& name);
    bool read_again(std::string const& name);
    std::vector<SourceHealth> health() const;
    // The worst of all: what a decision rests on.
    Health overall_health() const;

private:
    std::shared_ptr<Source> find_source(std::string const& setup) const;

    std::vector<Opened> sources_;
};

}  // namespace splitmx::directory
