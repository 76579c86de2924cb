#include "admin/schema_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

void add_schema(Verb& splitmx) {
    auto schema = splitmx.verb("schema", "which attributes of the directory mean what");
    auto const format = std::make_shared<std::string>("schema");
    auto print = schema.verb("print", "our own schema, for profile splitmx");
    print.option("--format", "FORMAT", *format, "schema (for slapd.conf) or ldif (for cn=config)");
    print.run([format](Context const& context) { return print_schema(*format, context); });

    auto const name = std::make_shared<std::string>();
    auto check = schema.verb("check", "is the server ready for the profile in use?");
    check.option("--directory", "NAME", *name, "of several [directory.NAME]; else all");
    check.run([name](Context const& context) { return check_schema(*name, context); });

    auto const options = std::make_shared<SchemaProbeOptions>();
    auto probe =
        schema.verb("probe", "which profile would fit a server? prints a [directory] section");
    probe.option("--uri", "URI", options->uri, "the server; else that of the configuration");
    probe.option("--base", "DN", options->base, "where people are; else the server's own");
    probe.option("--bind-dn", "DN", options->bind_dn, "who asks; else nobody in particular");
    probe.option("--password-file", "FILE", options->password_file, "with that account's password");
    probe.option("--tls-ca", "FILE", options->tls_ca, "certificates to trust");
    probe.flag("--starttls", options->starttls, "protect an ldap:// connection");
    probe.run([options](Context const& context) { return probe_schema(*options, context); });
}

}  // namespace splitmx::admin
