#include "admin/verb_tree.hpp"

#include <fmt/format.h>

namespace splitmx::admin {

namespace {

// scdoc takes these for its own.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '_' || c == '*' || c == '\\' || c == '<' || c == '#' || c == '`' || c == '~')
            out += '\\';
        out += c;
    }
    return out;
}

// "how is the relay?" as a sentence of its own.
std::string sentence(std::string const& text) {
    auto whole = escaped(text);
    if (!whole.empty() && whole.front() >= 'a' && whole.front() <= 'z') {
        whole.front() = static_cast<char>(whole.front() - 'a' + 'A');
    }
    if (!whole.ends_with('?')) whole += '.';
    return whole;
}

std::string synopsis(std::string const& path, VerbWords const& verb) {
    auto text = fmt::format("*{}*", path);
    if (!verb.flags.empty()) text += " [flags]";
    for (auto const& argument : verb.arguments) {
        auto const word = fmt::format("_{}_{}", escaped(argument.name), argument.many ? "..." : "");
        text += argument.required ? " " + word : " [" + word + "]";
    }
    return text;
}

std::string flag_text(FlagWords const& flag) {
    std::string names;
    for (auto const& name : flag.names) {
        names += fmt::format("{}*{}*", names.empty() ? "" : ", ", escaped(name));
    }
    if (!flag.value.empty()) {
        names += flag.value_is_optional ? fmt::format(" [_{}_]", escaped(flag.value))
                                        : fmt::format(" _{}_", escaped(flag.value));
    }
    return fmt::format("{}\n\t{}\n\n", names, escaped(flag.text));
}

void add_verb(std::string& text, std::string const& path, VerbWords const& verb) {
    if (verb.verbs.empty()) {
        text += fmt::format(
            "## {}\n\n{}\n\n{}\n\n", path, synopsis("splitmx " + path, verb), sentence(verb.text)
        );
        for (auto const& argument : verb.arguments) {
            text += fmt::format("_{}_\n\t{}\n\n", escaped(argument.name), escaped(argument.text));
        }
        for (auto const& flag : verb.flags) text += flag_text(flag);
    }
    for (auto const& below : verb.verbs) {
        add_verb(text, path.empty() ? below.name : path + " " + below.name, below);
    }
}

}  // namespace

std::string manual_of_verbs(VerbWords const& splitmx) {
    std::string text = "# FLAGS OF EVERY VERB\n\n";
    for (auto const& flag : splitmx.flags) text += flag_text(flag);
    text += "# VERBS\n\n";
    add_verb(text, "", splitmx);
    return text;
}

}  // namespace splitmx::admin
