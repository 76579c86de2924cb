// `splitmx schema print|check|probe`: our own schema; whether a server is ready for a profile;
// which profile would fit one. Threads: blocking. Errors: printed; exit 65 where a server is not
// ready or nothing fits, 69 where it cannot be reached.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

ExitCode print_schema(std::string const& format, Context const& context);

// `directory`: one of the configuration; empty: all that are servers.
ExitCode check_schema(std::string const& directory, Context const& context);

struct SchemaProbeOptions {
    std::string uri;  // empty: the first server of the configuration
    std::string base;
    std::string bind_dn;
    std::string password_file;
    std::string tls_ca;
    bool starttls = false;
};
ExitCode probe_schema(SchemaProbeOptions const& options, Context const& context);

}  // namespace splitmx::admin
