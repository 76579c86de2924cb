#include "admin/setup_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

namespace {

void answer(
    Verb& verb,
    std::string const& name,
    std::string const& type,
    GivenAnswer& to,
    std::string const& text
) {
    verb.option(name, type, to.given, to.value, text);
}

void add_directory_flags(Verb& verb, SetupOptions& to) {
    answer(
        verb, "--directory", "URI[,URI]", to.directory, "ldap://, ldaps://, ldapi:// or ldif:FILE"
    );
    answer(
        verb,
        "--tls-ca",
        "FILE",
        to.tls_ca,
        "authorities (PEM) that the directory's certificate is from"
    );
    verb.flag("--no-starttls", to.no_starttls, "an ldap:// connection without TLS");
    answer(
        verb, "--bind-dn", "DN", to.bind_dn, "the account that reads the directory; - for nobody"
    );
    verb.option(
        "--password-file",
        "FILE",
        to.password_file,
        "its password, which is copied into a file beside the configuration"
    );
    verb.option(
        "--password-from",
        "WHERE",
        to.password_from,
        "instead: file:PATH, credential:NAME or env:NAME, as the configuration will say"
    );
    answer(verb, "--base", "DN", to.base, "where people are; else the server's own");
    answer(
        verb, "--profile", "NAME", to.profile, "which attributes mean what; else what fits best"
    );
}

void add_mail_flags(Verb& verb, SetupOptions& to) {
    answer(
        verb,
        "--domain",
        "NAME[,NAME]",
        to.domain,
        "domains that are ours; else those of the people"
    );
    answer(
        verb,
        "--shared-domain",
        "NAME[,NAME]",
        to.shared_domain,
        "of these, what another mail system has too; - for none"
    );
    answer(
        verb,
        "--foreign-host",
        "ADDRESS",
        to.foreign_host,
        "that system: name[:port], mx:DOMAIN, lmtp:..."
    );
    answer(
        verb, "--foreign-network", "NET[,NET]", to.foreign_network, "where its own mail comes from"
    );
    answer(
        verb, "--local-host", "ADDRESS", to.local_host, "the host of mailboxes that name no other"
    );
    answer(
        verb,
        "--relay-domain",
        "NAME[,NAME]",
        to.relay_domain,
        "another organisation's, passed on whole"
    );
    answer(verb, "--relay-host", "ADDRESS", to.relay_host, "the relay of that organisation");
    answer(
        verb,
        "--outbound",
        "ADDRESS",
        to.outbound,
        "a smart host for everything else; else the DNS says"
    );
    answer(verb, "--allow", "NET[,NET]", to.allow, "who may send to domains that are not ours");
    answer(verb, "--hostname", "NAME", to.hostname, "of this relay; else the machine's");
    answer(verb, "--postmaster", "ADDRESS", to.postmaster, "who answers for it");
    answer(
        verb, "--listen", "IP:PORT[,...]", to.listen, "where to listen; else port 25 everywhere"
    );
}

}  // namespace

void add_setup(Verb& splitmx) {
    auto const options = std::make_shared<SetupOptions>();
    auto verb = splitmx.verb("setup", "write a first configuration, from a few answers");
    add_directory_flags(verb, *options);
    add_mail_flags(verb, *options);
    verb.option("--write", "FILE", options->write, "where it goes; else --config");
    verb.flag("--yes", options->yes, "ask nothing: flags, and what is proposed");
    verb.flag("--force", options->force, "replace a file that is there; it is kept beside it");
    verb.flag("--dry-run", options->dry_run, "write nothing");
    verb.run([options](Context const& context) { return set_up(*options, context); });
}

}  // namespace splitmx::admin
