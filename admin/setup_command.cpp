#include "admin/setup_command.hpp"

#include "admin/setup_advice.hpp"
#include "admin/setup_directory.hpp"
#include "admin/setup_files.hpp"
#include "admin/setup_mail.hpp"
#include "admin/setup_plan.hpp"
#include "config/machine.hpp"
#include "lint/lint.hpp"
#include "lint/text.hpp"
#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

namespace splitmx::admin {

namespace {

namespace fs = std::filesystem;

// A flag that nothing asked for would be lost in silence.
std::optional<std::string> unused_flag(SetupOptions const& options) {
    std::array<std::pair<GivenAnswer const*, char const*>, 5> const all{{
        {&options.foreign_host, "--foreign-host is for a shared domain, and there is none"},
        {&options.foreign_network, "--foreign-network is for a shared domain, and there is none"},
        {&options.relay_host, "--relay-host is for --relay-domain, and there is none"},
        {&options.bind_dn, "--bind-dn is for a server, not for a file"},
        {&options.base, "--base is for a server, not for a file"},
    }};
    for (auto const& [answer, text] : all) {
        if (answer->given) return text;
    }
    return std::nullopt;
}

std::optional<Trouble> taken(fs::path const& file, SetupOptions const& options) {
    std::error_code none;
    for (auto const& one : {file, password_file_of(file)}) {
        if (options.force || options.dry_run || !fs::exists(one, none)) continue;
        return Trouble{
            fmt::format("{} is there already; --force replaces it, and keeps it", one.string()),
            ExitCode::cannot_create};
    }
    return std::nullopt;
}

// How many people the configuration would not serve.
void show_lint(Interview const& interview, SetupDirectory const& found, config::Config config) {
    config::add_machine(config);
    lint::People const people(found.listing);
    auto const counts = lint::count(lint::lint(people, config.routing, {}));
    if (counts.errors + counts.warnings == 0) return;
    interview.explain(
        lint::summary(counts, people.all().size()) + " `splitmx directory lint` tells which."
    );
}

ExitCode write(
    SetupPlan const& plan,
    SetupDirectory const& found,
    fs::path const& file,
    std::string const& text,
    Interview& interview
) {
    auto const password = found.password.empty() ? std::nullopt : std::optional(found.password);
    auto const written = write_files({file, text, password});
    if (!written) {
        interview.fail({written.error().what, ExitCode::cannot_create});
        return interview.code();
    }
    interview.say(fmt::format("{} is written.\n", file.string()));
    if (password)
        interview.say(fmt::format("{} has the password.\n", password_file_of(file).string()));
    if (written->kept) {
        interview.say(fmt::format("{} is what was there before.\n", written->kept->string()));
    }
    if (!written->remark.empty()) interview.object(written->remark);
    interview.say(advice_after_setup(plan, found, file));
    return ExitCode::ok;
}

// Shows the file, and writes it where it is wanted.
ExitCode finish(
    SetupPlan const& plan,
    SetupDirectory const& found,
    fs::path const& file,
    bool dry_run,
    Interview& interview
) {
    auto const text = to_toml(plan);
    auto const tried = try_plan(plan);
    if (!tried || !tried->config) {
        interview.say(text);
        interview.fail(
            {tried ? tried->report : tried.error().what,
             tried ? ExitCode::configuration : ExitCode::cannot_create}
        );
        return interview.code();
    }
    interview.heading(file.string());
    interview.say("\n" + text + "\n");
    for (auto const& finding : tried->findings.all()) interview.object(finding.text);
    show_lint(interview, found, std::move(*tried->config));
    auto const wanted = dry_run ? std::optional(false) : interview.confirm("Write it?");
    if (!wanted) return interview.code();
    if (*wanted) return write(plan, found, file, text, interview);
    interview.say("Nothing was written.\n");
    return ExitCode::ok;
}

}  // namespace

ExitCode set_up(SetupOptions options, Context const& context) {
    auto const mode = options.yes ? Interview::Mode::unattended : Interview::Mode::asking;
    Interview interview("setup", mode, context.global.quiet, context.streams);
    auto const file =
        fs::absolute(options.write.empty() ? context.global.config_file : options.write);
    if (auto const trouble = taken(file, options)) {
        interview.fail(*trouble);
        return interview.code();
    }
    if (interview.is_asking()) {
        interview.explain(
            "Enter takes what stands in [brackets]. Nothing is written before you have seen it; "
            "Ctrl-C ends this at any time."
        );
    }
    SetupPlan plan;
    plan.made = mail::to_timestamp(std::chrono::system_clock::now()).substr(0, 10);
    auto const found = ask_directory(options, file, interview, plan);
    if (!found || !ask_mail(options, interview, *found, plan)) return interview.code();
    if (auto const text = unused_flag(options)) {
        interview.fail({*text});
        return interview.code();
    }
    return finish(plan, *found, file, options.dry_run, interview);
}

}  // namespace splitmx::admin
