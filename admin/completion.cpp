#include "admin/verb_tree.hpp"

#include <fmt/format.h>

#include <functional>

namespace splitmx::admin {

namespace {

// f(path, verb) for each verb, from "splitmx" down.
void for_each_verb(
    VerbWords const& verb,
    std::string const& path,
    std::function<void(std::string const&, VerbWords const&)> const& f
) {
    f(path, verb);
    for (auto const& below : verb.verbs) for_each_verb(below, path + " " + below.name, f);
}

bool is_file(FlagWords const& flag) { return flag.value == "FILE" || flag.value == "PATH"; }

std::string words_of(VerbWords const& verb, VerbWords const& top) {
    std::string words;
    auto const add = [&words](std::string const& word) {
        words += (words.empty() ? "" : " ") + word;
    };
    for (auto const& below : verb.verbs) add(below.name);
    for (auto const* from : {&verb, &top}) {
        for (auto const& flag : from->flags) {
            for (auto const& name : flag.names) add(name);
        }
        if (&verb == &top) break;
    }
    return words;
}

// Names of flags by what follows them, as alternatives of a shell's `case`.
std::string flags_with_value(VerbWords const& top, bool files) {
    std::vector<std::string> names;
    for_each_verb(top, top.name, [&](std::string const&, VerbWords const& verb) {
        for (auto const& flag : verb.flags) {
            if (flag.value.empty() || is_file(flag) != files) continue;
            for (auto const& name : flag.names) {
                bool known = false;
                for (auto const& one : names) known = known || one == name;
                if (!known) names.push_back(name);
            }
        }
    });
    return fmt::format("{}", fmt::join(names, "|"));
}

std::string bash(VerbWords const& top) {
    std::string paths;
    std::string words;
    for_each_verb(top, top.name, [&](std::string const& path, VerbWords const& verb) {
        if (&verb != &top) paths += fmt::format("{}\"{}\"", paths.empty() ? "" : "|", path);
        words += fmt::format("        \"{}\") words=\"{}\" ;;\n", path, words_of(verb, top));
    });
    return fmt::format(
        R"(# bash completion of splitmx; made by `splitmx completion bash`
_splitmx() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local path={0} words= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path ${{COMP_WORDS[i]}}" in
            {1}) path="$path ${{COMP_WORDS[i]}}" ;;
        esac
    done
    case "$before" in
        {2}) COMPREPLY=($(compgen -f -- "$current")); return ;;
        {3}) return ;;
    esac
    case "$path" in
{4}    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _splitmx splitmx
)",
        top.name,
        paths,
        flags_with_value(top, true),
        flags_with_value(top, false),
        words
    );
}

// Single-quoted, for zsh and fish.
std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

std::string described(std::string const& word, std::string const& text) {
    std::string escaped;
    for (char const c : text) escaped += c == ':' ? "\\:" : std::string(1, c);
    return in_quotes(word + ":" + escaped);
}

std::string zsh(VerbWords const& top) {
    std::string paths;
    std::string words;
    for_each_verb(top, top.name, [&](std::string const& path, VerbWords const& verb) {
        if (&verb != &top) paths += fmt::format("{}\"{}\"", paths.empty() ? "" : "|", path);
        words += fmt::format("        \"{}\") words_here=(", path);
        for (auto const& below : verb.verbs)
            words += "\n            " + described(below.name, below.text);
        for (auto const* from : {&verb, &top}) {
            for (auto const& flag : from->flags) {
                for (auto const& name : flag.names)
                    words += "\n            " + described(name, flag.text);
            }
            if (&verb == &top) break;
        }
        words += ") ;;\n";
    });
    return fmt::format(
        R"(#compdef splitmx
# zsh completion of splitmx; made by `splitmx completion zsh`
_splitmx() {{
    local path_here={0} i
    local -a words_here
    for ((i = 2; i < CURRENT; i++)); do
        case "$path_here ${{words[i]}}" in
            {1}) path_here="$path_here ${{words[i]}}" ;;
        esac
    done
    case "${{words[CURRENT-1]}}" in
        {2}) _files; return ;;
        {3}) return ;;
    esac
    case "$path_here" in
{4}    esac
    _describe 'word' words_here || _files
}}
compdef _splitmx splitmx
)",
        top.name,
        paths,
        flags_with_value(top, true),
        flags_with_value(top, false),
        words
    );
}

std::string fish_flag(std::string const& condition, FlagWords const& flag) {
    auto line = fmt::format("complete -c splitmx{}", condition);
    for (auto const& name : flag.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!flag.value.empty()) line += is_file(flag) ? " -r -F" : " -x";
    return line + " -d " + in_quotes(flag.text) + "\n";
}

std::string fish(VerbWords const& top) {
    std::string paths;
    std::string lines;
    for_each_verb(top, top.name, [&](std::string const& path, VerbWords const& verb) {
        if (&verb != &top) paths += " " + in_quotes(path);
        auto const condition = fmt::format(" -n '__splitmx_at \"{}\"'", path);
        for (auto const& below : verb.verbs) {
            lines += fmt::format(
                "complete -c splitmx{} -f -a {} -d {}\n", condition, below.name, in_quotes(below.text)
            );
        }
        for (auto const& flag : verb.flags)
            lines += fish_flag(&verb == &top ? "" : condition, flag);
    });
    return fmt::format(
        R"(# fish completion of splitmx; made by `splitmx completion fish`
function __splitmx_at
    set -l at {}
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word"{}
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
{})",
        top.name,
        paths,
        lines
    );
}

}  // namespace

std::string completion_script(VerbWords const& splitmx, std::string_view shell) {
    if (shell == "zsh") return zsh(splitmx);
    return shell == "fish" ? fish(splitmx) : bash(splitmx);
}

}  // namespace splitmx::admin
