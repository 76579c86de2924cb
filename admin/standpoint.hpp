// By what decisions are made: a configuration, and who is in its directories. As they are, or as
// they would be (`--at-config`, `--with-ldif`). Of the running relay when there is one to ask, else
// of the configuration file and the directories themselves.
// Threads: blocking. Ownership: a standpoint owns all of it. Errors: printed; the exit code says
// which kind.
#pragma once

#include "admin/bulk_decision.hpp"
#include "admin/verb.hpp"
#include "config/config.hpp"
#include "directory/directory_service.hpp"

#include <memory>
#include <string>
#include <variant>

namespace splitmx::admin {

struct Standpoint {
    std::unique_ptr<config::Config const> config;
    std::unique_ptr<directory::DirectoryService> service;

    Grounds grounds() const { return {config->routing, *service}; }
};

struct WhatIf {
    std::string at_config;  // another configuration file; empty: the same
    std::string with_ldif;  // a file of entries and changes; empty: none

    bool is_asked() const { return !at_config.empty() || !with_ldif.empty(); }
};

struct TwoStandpoints {
    Standpoint now;
    Standpoint then;
};

// `offline`: without the daemon.
std::variant<TwoStandpoints, ExitCode> stand_at(
    WhatIf const& what_if, bool offline, Context const& context, std::string_view verb
);

// From the configuration file alone; a directory server is asked address by address.
std::variant<Standpoint, ExitCode> stand_offline(Context const& context, std::string_view verb);

// The configuration that the relay runs by, with the machine's facts. Its file itself where that
// still says the same, so that sources name its lines.
std::variant<config::Config, ExitCode> running_config(
    Context const& context, std::string_view verb
);

}  // namespace splitmx::admin
