#include "admin/schema_command.hpp"

#include "admin/directory_section.hpp"
#include "admin/password_file.hpp"
#include "admin/world.hpp"
#include "directory/servers.hpp"
#include "directory/view_server.hpp"
#include "schema/probe.hpp"
#include "schema/readiness.hpp"
#include "schema/schema_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::admin {

namespace {

using schema::ReadinessLine;

// On one line where 80 columns hold it.
std::string line_text(ReadinessLine const& line) {
    constexpr std::size_t width = 80;
    auto left = fmt::format("  {:<5} {:<22} {:<18}", schema::to_text(line.level), line.subject, line.use);
    if (left.size() + 1 + line.text.size() <= width) return left + " " + line.text + "\n";
    while (left.ends_with(' ')) left.pop_back();
    return left + "\n        " + line.text + "\n";
}

ExitCode check_one(config::Directory const& directory, Context const& context) {
    auto const seen = directory::view_server(
        directory::servers_of(directory), directory.base, directory.profile.filter
    );
    if (!seen) {
        context.streams.error << fmt::format(
            "splitmx schema check: directory \"{}\": {}\n", directory.name, seen.error().what
        );
        return ExitCode::unavailable;
    }
    auto& output = context.streams.output;
    output << fmt::format(
        "directory \"{}\", profile {}\n{}\n",
        directory.name,
        directory.profile.name,
        server_text(*seen)
    );
    auto code = ExitCode::ok;
    for (auto const& line : schema::readiness(directory.profile, seen->view)) {
        output << line_text(line);
        if (line.level == ReadinessLine::Level::error) code = ExitCode::bad_data;
    }
    return code;
}

// Where the password comes from is for whoever writes the file.
DirectorySection section_of(
    schema::Guess const& guess,
    directory::SeenServer const& seen,
    ldap::net::ConnectSettings const& server
) {
    DirectorySection section;
    section.uris = {seen.uri};
    section.base = seen.base;
    section.bind_dn = server.bind_dn;
    if (!server.bind_dn.empty()) section.password = "file:directory-password";
    section.tls_ca = server.tls_ca;
    section.profile = guess.map.empty() ? guess.name : "custom";
    section.map = guess.map;
    return section;
}

std::variant<std::vector<ldap::net::ConnectSettings>, ExitCode> servers_for(
    SchemaProbeOptions const& options, std::string& base, Context const& context
) {
    if (options.uri.empty()) {
        auto loaded = load_config(context, "schema probe");
        if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
        for (auto const& directory : std::get<config::Config>(loaded).directories) {
            if (directory.ldif_file) continue;
            if (base.empty()) base = directory.base;
            return directory::servers_of(directory);
        }
        context.streams.error << "splitmx schema probe: which server? --uri ldap://HOST\n";
        return ExitCode::usage;
    }
    ldap::net::ConnectSettings server;
    server.uri = options.uri;
    server.starttls = options.starttls;
    server.tls_ca = options.tls_ca;
    server.bind_dn = options.bind_dn;
    if (options.bind_dn.empty() != options.password_file.empty()) {
        context.streams.error
            << "splitmx schema probe: --bind-dn and --password-file go together\n";
        return ExitCode::usage;
    }
    if (!options.bind_dn.empty()) {
        auto password = read_password(options.password_file);
        if (!password) {
            context.streams.error << "splitmx schema probe: cannot read a password from "
                                  << options.password_file << "\n";
            return ExitCode::usage;
        }
        server.password = std::move(*password);
    }
    return std::vector{server};
}

}  // namespace

ExitCode print_schema(std::string const& format, Context const& context) {
    if (format == "schema") {
        context.streams.output << schema::recipient_schema();
    } else if (format == "ldif") {
        context.streams.output << schema::recipient_ldif();
    } else {
        context.streams.error << "splitmx schema print: --format is schema or ldif\n";
        return ExitCode::usage;
    }
    return ExitCode::ok;
}

ExitCode check_schema(std::string const& directory, Context const& context) {
    auto loaded = load_config(context, "schema check");
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto code = ExitCode::ok;
    std::size_t checked = 0;
    for (auto const& one : std::get<config::Config>(loaded).directories) {
        if (one.ldif_file || (!directory.empty() && one.name != directory)) continue;
        if (checked++ > 0) context.streams.output << "\n";
        code = worst(code, check_one(one, context));
    }
    if (checked > 0) return code;
    context.streams.error << "splitmx schema check: "
                          << (directory.empty() ? "no directory is a server"
                                                : "no server is called \"" + directory + "\"")
                          << "\n";
    return ExitCode::usage;
}

ExitCode probe_schema(SchemaProbeOptions const& options, Context const& context) {
    auto base = options.base;
    auto const servers = servers_for(options, base, context);
    if (auto const* code = std::get_if<ExitCode>(&servers)) return *code;
    auto const& all = std::get<0>(servers);
    auto const seen = directory::view_server(all, base, schema::probe_filter());
    if (!seen) {
        context.streams.error << "splitmx schema probe: " << seen.error().what << "\n";
        return ExitCode::unavailable;
    }
    auto const samples = seen->view.samples.size();
    auto const guesses = schema::probe(seen->view);
    auto& output = context.streams.output;
    output << fmt::format(
        "# {}\n# {} entries with mail addresses looked at below {}\n",
        server_text(*seen),
        samples,
        seen->base
    );
    if (guesses.empty()) {
        context.streams.error << "splitmx schema probe: no profile fits; a base or an account that "
                                 "sees people may help\n";
        return ExitCode::bad_data;
    }
    auto const& best = guesses.front();
    output << fmt::format("# {}: {}\n", best.name, counts_of(best));
    output << fmt::format("# confidence {}\n", confidence(best, samples));
    for (auto const& note : best.notes) output << "#   " << note << "\n";
    for (std::size_t i = 1; i < guesses.size() && i < 4; ++i) {
        output << fmt::format("# else {}: {}\n", guesses[i].name, counts_of(guesses[i]));
    }
    output << "\n" << to_toml(section_of(best, *seen, all.front()));
    return ExitCode::ok;
}

}  // namespace splitmx::admin
