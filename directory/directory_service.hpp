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
};

class DirectoryService {
public:
    static mail::Result<std::unique_ptr<DirectoryService>> start(
        config::Config const& config, ServiceObserver observer
    );
    explicit DirectoryService(std::vector<std::unique_ptr<Source>> sources);

    resolver::Answer find(resolver::LookupKey const& key) const;
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done);
    std::vector<SourceHealth> health() const;
    // The worst of all: what a decision rests on.
    Health overall_health() const;

private:
    std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace splitmx::directory
