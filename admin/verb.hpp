// The words of `splitmx`, as each verb declares them: its flags, its arguments, and what it does.
// A new verb is a file `NAME_verb.cpp` with a function that adds it, named in verbs.hpp.
//
//     void add_hello(Verb& splitmx) {
//         auto const options = std::make_shared<HelloOptions>();
//         auto verb = splitmx.verb("hello", "greet somebody");
//         verb.flag("--loud", options->loud, "in capitals");
//         verb.words("names", options->names, "whom to greet");
//         verb.run([options](Context const& context) { return hello(*options, context); });
//     }
//
// Ownership: a Verb is a handle; what flags write to lives as long as the action that has it.
// Threads: one. Source: CLI11, which only verb.cpp and command_line.cpp see.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"
#include "admin/terminal.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace splitmx::admin {

// Flags that any verb takes, before or after it.
struct GlobalFlags {
    std::string config_file;
    bool config_given = false;  // by the flag or the environment; else it is the default
    std::string socket;         // empty: as the configuration says
    bool quiet = false;
    bool verbose = false;  // which files and sockets, and how long it took
    Colour colour = Colour::automatic;
};

struct Context {
    GlobalFlags const& global;
    Streams const& streams;
};

using Action = std::function<ExitCode(Context const&)>;

// What parsing leaves to do, by verb.
struct Actions {
    std::map<CLI::App const*, Action> actions;
    std::vector<std::function<void()>> after_parsing;
};

class Verb {
public:
    Verb(CLI::App& app, Actions& actions) : app_(&app), actions_(&actions) {}

    // A verb below this one; one of them has to be given.
    Verb verb(std::string const& name, std::string const& text);

    void flag(std::string const& name, bool& value, std::string const& text);
    void option(
        std::string const& name,
        std::string const& type,
        std::string& value,
        std::string const& text
    );
    // As option(); `given` tells an empty value from none.
    void option(
        std::string const& name,
        std::string const& type,
        bool& given,
        std::string& value,
        std::string const& text
    );
    // A flag whose value may be left out.
    void optional_value(
        std::string const& name,
        std::string const& type,
        bool& given,
        std::string& value,
        std::string const& text
    );
    // Arguments without a flag.
    void word(
        std::string const& name, std::string& value, std::string const& text, bool required = true
    );
    void words(std::string const& name, std::vector<std::string>& values, std::string const& text);

    void run(Action action);

private:
    CLI::App* app_;
    Actions* actions_;
};

}  // namespace splitmx::admin
