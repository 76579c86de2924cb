// The words of `splitmx` as values: what completion and the manual are made from.
// Threads: plain values. Source: the verbs themselves, walked by command_line.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::admin {

struct FlagWords {
    std::vector<std::string> names;  // "--quiet", "-q"
    std::string value;               // "FILE"; empty: it takes none
    bool value_is_optional = false;
    std::string text;
};

struct ArgumentWords {
    std::string name;
    std::string text;
    bool required = false;
    bool many = false;
};

struct VerbWords {
    std::string name;
    std::string text;
    std::vector<FlagWords> flags;
    std::vector<ArgumentWords> arguments;
    std::vector<VerbWords> verbs;
};

// A script that completes these words. Requires: `shell` is bash, zsh or fish.
std::string completion_script(VerbWords const& splitmx, std::string_view shell);

// The part of splitmx(1) that lists every verb and flag, in the language of scdoc.
std::string manual_of_verbs(VerbWords const& splitmx);

}  // namespace splitmx::admin
