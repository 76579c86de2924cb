#include "admin/config_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

namespace {

void add_check(Verb& config) {
    struct Given {
        std::string file;
        bool strict = false;
    };
    auto const given = std::make_shared<Given>();
    auto verb = config.verb("check", "find every error in a configuration file");
    verb.word("file", given->file, "the file; else --config", false);
    verb.flag("--strict", given->strict, "exit 1 when there are warnings");
    verb.run([given](Context const& context) {
        auto const& file = given->file.empty() ? context.global.config_file : given->file;
        return check_config(file, given->strict, context.streams.error);
    });
}

void add_show(Verb& config) {
    struct Given {
        std::string file;
        config::ShowOptions options;
    };
    auto const given = std::make_shared<Given>();
    auto verb = config.verb("show", "the configuration as it counts, defaults included");
    verb.word("file", given->file, "the file; else --config", false);
    verb.flag("--origin", given->options.origin, "say of each value where it comes from");
    verb.flag("--set", given->options.set_only, "only what is not as by default");
    verb.run([given](Context const& context) {
        auto const& file = given->file.empty() ? context.global.config_file : given->file;
        return show_config(file, given->options, context.streams);
    });
}

void add_explain(Verb& config) {
    auto const key = std::make_shared<std::string>();
    auto verb = config.verb("explain", "what a key means");
    verb.word("key", *key, "such as max_hops or server.max_hops");
    verb.run([key](Context const& context) {
        return explain_config_key(*key, context.streams.output, context.streams.error);
    });
}

}  // namespace

void add_config(Verb& splitmx) {
    auto config = splitmx.verb("config", "check, show and explain configurations");
    add_check(config);
    add_show(config);
    config.verb("default", "print a commented configuration").run([](Context const& context) {
        return print_default_config(context.streams.output);
    });
    add_explain(config);
}

}  // namespace splitmx::admin
