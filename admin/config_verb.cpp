#include "admin/config_command.hpp"
#include "admin/verbs.hpp"

#include <memory>
#include <string>
#include <vector>

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

void add_config_show(Verb& config) {
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

void add_test(Verb& config) {
    auto const options = std::make_shared<TestOptions>();
    auto verb = config.verb("test", "run the routing tests that [routing] tests names");
    verb.word("file", options->file, "the configuration; else --config", false);
    verb.option("--with-ldif", "FILE", options->with_ldif, "as if these changes had been made");
    verb.flag("--offline", options->offline, "with the people of the directories themselves");
    verb.run([options](Context const& context) { return test_config(*options, context); });
}

void add_diff(Verb& config) {
    auto const files = std::make_shared<std::vector<std::string>>();
    auto const options = std::make_shared<DiffOptions>();
    auto verb =
        config.verb("diff", "what a file says otherwise than the running relay, or another file");
    verb.words(
        "files",
        *files,
        "none: --config against the relay; one: it; two: the second against the first"
    );
    verb.flag("--json", options->json, "one JSON object a line");
    verb.run([files, options](Context const& context) {
        if (files->size() > 2) {
            context.streams.error << "splitmx config diff: two files at most\n";
            return ExitCode::usage;
        }
        if (files->size() == 2) options->now = files->front();
        if (!files->empty()) options->then = files->back();
        return diff_config(*options, context);
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
    auto config = splitmx.verb("config", "check, test, compare and explain configurations");
    add_check(config);
    add_config_show(config);
    add_test(config);
    add_diff(config);
    config.verb("default", "print a commented configuration").run([](Context const& context) {
        return print_default_config(context.streams.output);
    });
    add_explain(config);
}

}  // namespace splitmx::admin
