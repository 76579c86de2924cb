#include "config/manual.hpp"

#include "config/config_keys.hpp"

#include <fmt/format.h>

#include <string_view>

namespace splitmx::config {

namespace {

// scdoc takes these for its own.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (std::string_view("_*\\<#`~").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string type_text(KeyInfo const& key) {
    auto type = std::string(describe(key.type));
    std::string words;
    for (auto const word : words_of(key))
        words += fmt::format("{}\"{}\"", words.empty() ? "" : ", ", word);
    if (key.type == ValueType::word)
        type = "one of " + words;
    else if (!words.empty())
        type = words + ", or " + type;
    if (key.type == ValueType::count) type += fmt::format(" from {} to {}", key.min, key.max);
    return key.list ? type + "; one or a list" : type;
}

std::string default_sentence(KeyInfo const& key) {
    if (key.required) return "It has to be there.";
    return fmt::format("Default: {}.", key.fallback.empty() ? key.otherwise : key.fallback);
}

std::string key_text(KeyInfo const& key) {
    return fmt::format(
        "*{}* = {}\n\t{}{}++\n{}. {}\n\n",
        escaped(key.name),
        escaped(key.good),
        escaped(key.text),
        key.at_restart ? " Counts from the next start on." : "",
        escaped("Takes " + type_text(key)),
        escaped(default_sentence(key))
    );
}

}  // namespace

std::string manual_page() {
    std::string text =
        "splitmx.toml(5)\n\n# NAME\n\nsplitmx.toml - configuration of the SMTP relay splitmx\n\n"
        "# DESCRIPTION\n\n"
        "*splitmxd*(8) reads _/etc/splitmx/splitmx.toml_ unless *--config* names another file. It "
        "is\n"
        "TOML 1.0. Unknown keys are errors, and every error of the file is told at once, with its\n"
        "place: *splitmx config check*. *splitmx config default* prints a commented file to begin\n"
        "with, *splitmx config explain* _KEY_ tells of one key, *splitmx config show* what "
        "counts.\n\n"
        "Durations are \"500ms\", \"30s\", \"5m\", \"4h\", \"5d\"; sizes \"100B\", \"64KiB\", "
        "\"50MiB\", \"1GiB\".\n"
        "Relative paths start in the folder of the file. Secrets are \"credential:NAME\" (the "
        "file\n"
        "NAME in the folder _credentials_ beside this file, of which *systemd*(1) gives the relay "
        "a\n"
        "copy), \"file:PATH\" or \"env:NAME\"; one that is written out is taken with a warning.\n\n"
        "A change is taken by *splitmx reload* or SIGHUP: all of it, or nothing.\n\n";
    for (auto const& section : all_sections()) {
        text += fmt::format("# {}\n\n{}\n\n", escaped(section.heading), escaped(section.text));
        for (auto const* key : keys_of(section.id)) text += key_text(*key);
    }
    return text +
           "# EXAMPLE\n\nTwo mail systems share the domain contoso.com: mailboxes stay here, "
           "custom\n"
           "recipients go to the foreign host, and nobody else exists.\n\n```\n"
           "[server]\nhostname = \"relay1.adatum.com\"\n\n[[listen]]\naddress = \"0.0.0.0:25\"\n\n"
           "[[domain]]\nname = \"#contoso.com\"\naction = \"inbound\"\nhost = \"notes\"\n\n"
           "[host.mailboxes]\naddress = \"mbx1.adatum.com\"\n\n[host.notes]\n"
           "address = \"notes1.adatum.com\"\n\n[routing]\nmailbox_host = \"mailboxes\"\n\n"
           "[directory.main]\nuri = \"ldaps://ldap1.adatum.com\"\nbase = \"dc=adatum,dc=com\"\n"
           "profile = \"laser\"\n```\n\n"
           "# SEE ALSO\n\n*splitmx*(1), *splitmxd*(8), *splitmx-schema*(7)\n";
}

}  // namespace splitmx::config
