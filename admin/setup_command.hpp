// `splitmx setup`: a first configuration, from answers on the terminal or from flags. It looks at
// the directory as the relay would, proposes what it sees, shows the file, and writes it last.
// Threads: blocking. Errors: printed; nothing is written then. Exit 64 an answer that is none, 65
// no end of answers, or nobody in the directory, 69 no directory, 73 a file is there already, or
// cannot be written, 78 the configuration would be wrong.
#pragma once

#include "admin/interview.hpp"
#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct SetupOptions {
    GivenAnswer directory;
    GivenAnswer tls_ca;
    bool no_starttls = false;
    GivenAnswer bind_dn;
    std::string password_file;  // where the password is read from now
    std::string password_from;  // "credential:NAME": where it is, also later
    GivenAnswer base;
    GivenAnswer profile;
    GivenAnswer domain;
    GivenAnswer shared_domain;
    GivenAnswer foreign_host;
    GivenAnswer foreign_network;
    GivenAnswer local_host;
    GivenAnswer relay_domain;
    GivenAnswer relay_host;
    GivenAnswer outbound;
    GivenAnswer allow;
    GivenAnswer hostname;
    GivenAnswer postmaster;
    GivenAnswer listen;
    std::string write;  // empty: --config
    bool yes = false;
    bool force = false;
    bool dry_run = false;
};

ExitCode set_up(SetupOptions options, Context const& context);

}  // namespace splitmx::admin
