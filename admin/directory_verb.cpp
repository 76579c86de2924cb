#include "admin/directory_online.hpp"
#include "admin/lint_command.hpp"
#include "admin/list_command.hpp"
#include "admin/verbs.hpp"
#include "admin/world.hpp"
#include "admin/x500_command.hpp"

#include <memory>

namespace splitmx::admin {

namespace {

constexpr char const* server_flag = "--server,--offline";
constexpr char const* from_servers_text = "read the servers themselves, not what the relay knows";

using Work = ExitCode (*)(DirectoryOptions const&, Context const&);

Verb add_online(
    Verb& directory,
    std::string const& name,
    std::string const& text,
    std::shared_ptr<DirectoryOptions> const& options,
    Work work
) {
    auto verb = directory.verb(name, text);
    verb.word("name", options->name, "of one [directory.NAME]; else all", false);
    verb.flag("--json", options->json, "one JSON object a line");
    verb.run([options, work](Context const& context) { return work(*options, context); });
    return verb;
}

void add_status_sync_accept(Verb& directory) {
    auto const status = std::make_shared<DirectoryOptions>();
    add_online(
        directory, "status", "how the relay follows its directories", status, show_directories
    );
    auto const sync = std::make_shared<DirectoryOptions>();
    auto reading = add_online(
        directory,
        "sync",
        "read everything again now, and wait for it",
        sync,
        read_directories_again
    );
    reading.option("--wait", "SECONDS", sync->wait, "the longest to wait; 300");
    auto const accept = std::make_shared<DirectoryOptions>();
    auto accepting = add_online(
        directory, "accept", "let removals happen that are held", accept, accept_removals
    );
    accepting.flag("--yes", accept->yes, "ask nothing");
}

void add_x500(Verb& directory) {
    auto const options = std::make_shared<X500Options>();
    auto verb = directory.verb("x500", "X500 addresses (IMCEAEX-...) that nobody has");
    verb.flag("--ldif", options->ldif, "print changes that would add them");
    verb.flag("--json", options->json, "one JSON object a line");
    verb.run([options](Context const& context) { return show_unfound_x500(*options, context); });
}

void add_lint(Verb& directory) {
    auto const options = std::make_shared<LintOptions>();
    auto verb = directory.verb("lint", "what is wrong with the people in the directory?");
    verb.option("--rule", "ID[,ID]", options->rules, "only these rules, by id or name");
    verb.option(
        "--severity", "LEVEL", options->severity, "the least that is shown: error, warning, info"
    );
    verb.option("--fix-ldif", "FILE", options->fix_ldif, "write changes that would mend it");
    verb.option("--with-ldif", "FILE", options->with_ldif, "as if these changes had been made");
    verb.flag("--dns", options->dns, "ask the DNS too: mail exchangers and hosts");
    verb.flag("--all", options->all, "show every entry of a finding");
    verb.flag("--json", options->json, "one JSON object a line");
    verb.flag(server_flag, options->server, from_servers_text);
    verb.run([options](Context const& context) { return lint_directory(*options, context); });
}

void add_search(Verb& directory) {
    auto const options = std::make_shared<SearchOptions>();
    auto verb = directory.verb("search", "find people by part of an address, a name or a DN");
    verb.word("text", options->text, "what they have in them, in any case");
    verb.flag("--json", options->json, "one JSON object a line");
    verb.flag(server_flag, options->server, from_servers_text);
    verb.run([options](Context const& context) { return search_directory(*options, context); });
}

void add_export(Verb& directory) {
    auto const options = std::make_shared<ExportOptions>();
    auto verb = directory.verb("export", "print all recipients");
    verb.option("--format", "FORMAT", options->format, "json (one object a line), csv, ldif");
    verb.flag(server_flag, options->server, from_servers_text);
    verb.run([options](Context const& context) { return export_directory(*options, context); });
}

}  // namespace

void add_directory(Verb& splitmx) {
    auto directory = splitmx.verb("directory", "look into the directory, and find its faults");
    add_status_sync_accept(directory);
    add_x500(directory);
    add_lint(directory);
    add_search(directory);
    add_export(directory);
}

}  // namespace splitmx::admin
