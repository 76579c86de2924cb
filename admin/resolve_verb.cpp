#include "admin/resolve_command.hpp"
#include "admin/verbs.hpp"

#include <memory>
#include <utility>

namespace splitmx::admin {

namespace {

struct ResolveGiven {
    ResolveOptions options;
    std::string identity;
    bool authenticated = false;
};

// The name behind --authenticated may be left out; then the one word that follows is the address.
void take_identity(ResolveGiven& given) {
    if (!given.authenticated) return;
    if (given.options.addresses.empty() && !given.identity.empty()) {
        given.options.addresses.push_back(std::exchange(given.identity, {}));
    }
    given.options.with.identity = given.identity.empty() ? "authenticated" : given.identity;
}

// Flags that say nothing together.
std::string contradiction(ResolveOptions const& options) {
    if (options.json && options.explain)
        return "--json excludes --explain (the JSON has every step)";
    if (options.diff && options.explain) return "--diff excludes --explain";
    if (options.diff && !options.what_if.is_asked()) {
        return "--diff from what? --at-config FILE, --with-ldif FILE, or both";
    }
    return options.addresses.empty() ? "which address?" : "";
}

ExitCode run(ResolveGiven& given, Context const& context) {
    take_identity(given);
    auto const wrong = contradiction(given.options);
    if (wrong.empty()) return resolve(given.options, context);
    context.streams.error << "splitmx resolve: " << wrong << "\n";
    return ExitCode::usage;
}

}  // namespace

void add_resolve(Verb& splitmx) {
    auto const given = std::make_shared<ResolveGiven>();
    auto& options = given->options;
    auto verb = splitmx.verb("resolve", "where would mail for these addresses go?");
    verb.flag("--offline", options.offline, "decide here, without the daemon");
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
    verb.option("--at-config", "FILE", options.what_if.at_config, "as if this were in force");
    verb.option(
        "--with-ldif", "FILE", options.what_if.with_ldif, "as if these changes had been made"
    );
    verb.flag(
        "--diff", options.diff, "only what would be different from now; exit 1 if anything is"
    );
    verb.flag("--explain", options.explain, "show every step");
    verb.flag("--json", options.json, "one JSON object a line");
    verb.words("addresses", options.addresses, "addresses; - reads them from standard input");
    verb.run([given](Context const& context) { return run(*given, context); });
}

}  // namespace splitmx::admin
