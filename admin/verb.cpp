#include "admin/verb.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace splitmx::admin {

Verb Verb::verb(std::string const& name, std::string const& text) {
    app_->require_subcommand(1);
    auto* below = app_->add_subcommand(name, text);
    below->fallthrough();  // global flags behind the verb
    return {*below, *actions_};
}

void Verb::flag(std::string const& name, bool& value, std::string const& text) {
    app_->add_flag(name, value, text);
}

void Verb::option(
    std::string const& name, std::string const& type, std::string& value, std::string const& text
) {
    app_->add_option(name, value, text)->type_name(type);
}

void Verb::option(
    std::string const& name,
    std::string const& type,
    bool& given,
    std::string& value,
    std::string const& text
) {
    auto const* option = app_->add_option(name, value, text)->type_name(type);
    actions_->after_parsing.push_back([option, &given] { given = option->count() > 0; });
}

void Verb::optional_value(
    std::string const& name,
    std::string const& type,
    bool& given,
    std::string& value,
    std::string const& text
) {
    auto const* option = app_->add_option(name, value, text)->type_name(type)->expected(0, 1);
    actions_->after_parsing.push_back([option, &given] { given = option->count() > 0; });
}

void Verb::word(
    std::string const& name, std::string& value, std::string const& text, bool required
) {
    app_->add_option(name, value, text)->required(required);
}

void Verb::words(
    std::string const& name, std::vector<std::string>& values, std::string const& text
) {
    app_->add_option(name, values, text);
}

void Verb::run(Action action) { actions_->actions[app_] = std::move(action); }

}  // namespace splitmx::admin
