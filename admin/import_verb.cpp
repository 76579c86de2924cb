#include "admin/import_command.hpp"
#include "admin/verbs.hpp"

#include <memory>
#include <string>

namespace splitmx::admin {

namespace {

using Options = std::shared_ptr<ImportOptions>;

// What all formats have.
Verb add_format(
    Verb& import,
    migration::Format format,
    std::string const& name,
    std::string const& text,
    Options const& options
) {
    auto verb = import.verb(name, text);
    verb.word("file", options->file, "what the other system gave; - is standard input");
    verb.option("--base", "DN", options->base, "the entry that people go below");
    verb.option(
        "--profile", "NAME", options->profile, "of your directory: laser (default) or splitmx"
    );
    verb.option("--domain", "NAME[,NAME]", options->domains, "domains that are yours; else any");
    verb.option(
        "--mail-host", "HOST", options->mail_host, "of every mailbox; else the default one"
    );
    verb.option("--encoding", "NAME", options->encoding, "of the file; else found out");
    verb.flag("--json", options->json, "the report: one JSON object a line on standard error");
    verb.run([format, options](Context const& context) {
        return import_file(format, *options, context);
    });
    return verb;
}

}  // namespace

void add_import(Verb& splitmx) {
    using migration::Format;
    auto import =
        splitmx.verb("import", "people and routes of another mail system, as LDIF or TOML");

    auto options = std::make_shared<ImportOptions>();
    auto old = add_format(
        import,
        Format::exchange55,
        "exchange55",
        "a directory export (CSV) of Exchange 4.0 to 5.5",
        options
    );
    old.option(
        "--mail-host-column", "NAME", options->mail_host_column, "which has it, like Home-Server"
    );

    options = std::make_shared<ImportOptions>();
    auto exchange = add_format(
        import,
        Format::exchange,
        "exchange",
        "Get-Recipient, Get-MailContact ... | Export-Csv",
        options
    );
    exchange.option(
        "--mail-host-column", "NAME", options->mail_host_column, "which has it, like ServerName"
    );
    exchange.option("--kind", "KIND", options->kind, "mailbox or contact, where no column says it");

    options = std::make_shared<ImportOptions>();
    auto postfix = add_format(
        import, Format::postfix, "postfix", "a lookup table of Postfix, as text", options
    );
    postfix.option(
        "--map",
        "KIND",
        options->map,
        "virtual, canonical, transport, relay_recipients or relocated"
    );
    postfix.option("--write", "FORM", options->write, "ldif (people) or toml (routes)");

    options = std::make_shared<ImportOptions>();
    auto ldif = add_format(
        import, Format::ldif, "ldif", "entries in the words of another profile", options
    );
    ldif.option("--from", "PROFILE", options->from, "the profile of the file, like exchange55");
}

}  // namespace splitmx::admin
