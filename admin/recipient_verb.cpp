#include "admin/recipient_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

namespace {

void add_apply(Verb& verb, ApplyOptions& options) {
    verb.option("--directory", "NAME", options.directory, "of several [directory.NAME]");
    verb.flag("--apply", options.apply, "do it; else it is only printed");
    verb.flag("--force", options.force, "whatever speaks against it");
    verb.option("--bind-dn", "DN", options.bind_dn, "who may write; else the directory's account");
    verb.option("--password-file", "FILE", options.password_file, "with that account's password");
}

void add_recipient_show(Verb& recipient) {
    auto const options = std::make_shared<ShowOptions>();
    auto verb = recipient.verb("show", "who has this address, and where would mail go?");
    verb.word("address", options->address, "the address");
    verb.option("--directory", "NAME", options->directory, "of several [directory.NAME]");
    verb.flag("--json", options->json, "as a JSON object");
    verb.run([options](Context const& context) { return show_recipient(*options, context); });
}

void add_place(Verb& verb, AddOptions& options) {
    verb.words("addresses", options.addresses, "its addresses, the primary one first");
    verb.option("--in", "DN", options.place.container, "the entry to put it below");
    verb.option(
        "--dn", "DN", options.place.dn, "its name; an entry that is there gets the address"
    );
    verb.option("--name", "NAME", options.place.name, "how people call it");
    add_apply(verb, options.apply);
}

void add_add(Verb& recipient) {
    auto add = recipient.verb("add", "make a recipient");
    auto const mailbox = std::make_shared<AddOptions>();
    auto mailbox_verb = add.verb("mailbox", "whose mail goes to a mailbox host");
    mailbox_verb.option(
        "--host", "HOST", mailbox->host, "a [host.NAME] or a host; else the default"
    );
    add_place(mailbox_verb, *mailbox);
    mailbox_verb.run([mailbox](Context const& context) { return add_recipient(*mailbox, context); }
    );
    auto const custom = std::make_shared<AddOptions>();
    custom->custom = true;
    auto custom_verb =
        add.verb("custom", "a custom recipient, whose mail goes to a target elsewhere");
    custom_verb.option("--target", "ADDRESS", custom->target, "x@y or TYPE:value");
    add_place(custom_verb, *custom);
    custom_verb.run([custom](Context const& context) { return add_recipient(*custom, context); });
}

void add_convert(Verb& recipient) {
    auto const options = std::make_shared<ConvertOptions>();
    auto verb = recipient.verb(
        "convert", "a custom recipient becomes a mailbox or, with --target, the reverse; at once"
    );
    verb.word("address", options->address, "one of its addresses; it keeps them all");
    verb.option("--host", "HOST", options->host, "of the mailbox; else the default");
    verb.option("--target", "ADDRESS", options->target, "of the custom recipient");
    add_apply(verb, options->apply);
    verb.run([options](Context const& context) { return convert_recipient(*options, context); });
}

void add_remove(Verb& recipient) {
    auto const options = std::make_shared<RemoveOptions>();
    auto verb = recipient.verb("remove", "delete an entry, or one of its addresses");
    verb.word("address", options->address, "one of its addresses");
    verb.flag("--address-only", options->address_only, "the entry stays, without this address");
    add_apply(verb, options->apply);
    verb.run([options](Context const& context) { return remove_recipient(*options, context); });
}

}  // namespace

void add_recipient(Verb& splitmx) {
    auto recipient = splitmx.verb("recipient", "show and change who gets mail, and where");
    add_recipient_show(recipient);
    add_add(recipient);
    add_convert(recipient);
    add_remove(recipient);
}

}  // namespace splitmx::admin
