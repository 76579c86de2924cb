#include "admin/resolve_command.hpp"
#include "admin/verbs.hpp"

#include <memory>
#include <utility>

namespace splitmx::admin {

namespace {

struct Given {
    ResolveOptions options;
    std::string identity;
    bool authenticated = false;
    bool offline = false;
};

// The name behind --authenticated may be left out; then the one word that follows is the address.
void take_identity(Given& given) {
    if (!given.authenticated) return;
    if (given.options.addresses.empty() && !given.identity.empty()) {
        given.options.addresses.push_back(std::exchange(given.identity, {}));
    }
    given.options.with.identity = given.identity.empty() ? "authenticated" : given.identity;
}

ExitCode run(Given& given, Context const& context) {
    auto& options = given.options;
    auto& error = context.streams.error;
    options.config = context.global.config_file;
    take_identity(given);
    if (options.json && options.explain) {
        error << "splitmx resolve: --json excludes --explain (the JSON has every step)\n";
        return ExitCode::usage;
    }
    if (options.addresses.empty()) {
        error << "splitmx resolve: which address?\n";
        return ExitCode::usage;
    }
    if (!given.offline) return resolve_online(options, context.global, context.streams);
    return resolve_offline(options, context.streams);
}

}  // namespace

void add_resolve(Verb& splitmx) {
    auto const given = std::make_shared<Given>();
    auto& options = given->options;
    auto verb = splitmx.verb("resolve", "where would mail for these addresses go?");
    verb.flag("--offline", given->offline, "decide here, without the daemon");
    verb.option("--from", "ADDRESS", options.with.from, "sender; '' or '<>' is the null sender");
    verb.option("--client", "IP", options.with.client, "address of the sending system");
    verb.option("--local-address", "IP", options.with.local_address, "our address that it reached");
    verb.option("--listener", "NAME", options.with.listener, "listener that it reached");
    verb.optional_value(
        "--authenticated",
        "NAME",
        given->authenticated,
        given->identity,
        "as a client that has logged in"
    );
    verb.flag("--explain", options.explain, "show every step");
    verb.flag("--json", options.json, "one JSON object a line");
    verb.words("addresses", options.addresses, "addresses; - reads them from standard input");
    verb.run([given](Context const& context) { return run(*given, context); });
}

}  // namespace splitmx::admin
