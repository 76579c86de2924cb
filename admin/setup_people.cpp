#include "admin/directory_doubts.hpp"
#include "admin/directory_text.hpp"
#include "admin/setup_talk.hpp"
#include "directory/listing.hpp"
#include "directory/servers.hpp"
#include "directory/trial.hpp"
#include "ldap/ldif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::admin {

namespace {

class PeopleDialogue {
public:
    explicit PeopleDialogue(DirectoryTalk& talk) : talk_(talk) {}

    bool ask_base();
    bool ask_profile();
    bool look_at_people();

private:
    std::optional<Trouble> try_base(std::string const& base);
    void show_guesses() const;
    std::optional<Trouble> take_profile(std::string const& name);
    void follow(config::Directory const& directory);
    void tell(std::vector<Doubt> const& doubts);

    DirectoryTalk& talk_;
};

std::optional<Trouble> PeopleDialogue::try_base(std::string const& base) {
    talk_.plan.directory.base = base;
    auto const asked = talk_.directory();
    if (!asked) return Trouble{"the configuration for it cannot be made", ExitCode::internal};
    auto seen = directory::view_server(directory::servers_of(*asked), base, schema::probe_filter());
    if (!seen) return Trouble{seen.error().what, ExitCode::unavailable};
    talk_.seen = std::move(*seen);
    talk_.guesses = schema::probe(talk_.seen.view);
    if (!talk_.guesses.empty()) return std::nullopt;
    return Trouble{
        fmt::format(
            "nobody with a mail address is to be seen below {}: another base, or an account that "
            "may read there (docs/directory.md)",
            base
        ),
        ExitCode::bad_data};
}

bool PeopleDialogue::ask_base() {
    Question const question{
        "--base",
        "Where people are",
        &talk_.options.base,
        talk_.seen.base,
        "",
        "The entry of the directory below which all recipients are."};
    return talk_.interview.ask(
                              question, [this](auto const& base) { return try_base(base); }
    ).has_value();
}

void PeopleDialogue::show_guesses() const {
    auto const samples = talk_.seen.view.samples.size();
    talk_.interview.say(fmt::format(
        "  {} with mail addresses looked at; as recipients they are, by profile:\n",
        samples == 1 ? "1 entry" : fmt::format("{} entries", samples)
    ));
    for (std::size_t i = 0; i < talk_.guesses.size() && i < 4; ++i) {
        auto const& guess = talk_.guesses[i];
        talk_.interview.say(fmt::format("  {:<16} {}\n", guess.name, counts_of(guess)));
        if (i > 0) continue;
        for (auto const& note : guess.notes)
            talk_.interview.say(fmt::format("{:19}{}\n", "", note));
        talk_.interview.say(fmt::format("{:19}confidence {}\n", "", confidence(guess, samples)));
    }
}

std::optional<Trouble> PeopleDialogue::take_profile(std::string const& name) {
    auto const guess =
        std::find_if(talk_.guesses.begin(), talk_.guesses.end(), [&](auto const& one) {
            return one.name == name;
        });
    auto& plan = talk_.plan.directory;
    plan.map.clear();
    plan.profile = name;
    if (guess != talk_.guesses.end() && !guess->map.empty()) {
        plan.profile = "custom";
        plan.map = guess->map;
    } else if (schema::find_profile(name) == nullptr) {
        return Trouble{fmt::format(
            "there is no profile \"{}\" that is known here; write [directory.main.map] for it "
            "afterwards",
            name
        )};
    }
    return std::nullopt;
}

bool PeopleDialogue::ask_profile() {
    show_guesses();
    Question const question{
        "--profile",
        "Profile",
        &talk_.options.profile,
        talk_.guesses.front().name,
        "",
        "Which attributes mean what."};
    return talk_.interview.ask(
                              question, [this](auto const& name) { return take_profile(name); }
    ).has_value();
}

// ---- what the relay would know

void PeopleDialogue::tell(std::vector<Doubt> const& doubts) {
    for (auto const& doubt : doubts) {
        if (doubt.level == schema::ReadinessLine::Level::note) {
            talk_.interview.explain(doubt.text);
        } else {
            talk_.warn(doubt.text);
        }
    }
}

void PeopleDialogue::follow(config::Directory const& directory) {
    talk_.interview.say("  Reading everybody, as the relay will ...\n");
    auto trial = directory::try_following(directory);
    auto& result = talk_.result;
    result.evidence = evidence_of(trial.listing);
    if (trial.method) {
        talk_.interview.explain(fmt::format("by {}", following_text(ldap::to_text(*trial.method))));
    }
    tell(doubts_about(directory, trial, talk_.seen.view, result.evidence));
    result.listing = std::move(trial.listing);
}

bool PeopleDialogue::look_at_people() {
    auto const found = talk_.directory();
    if (!found) {
        talk_.interview.fail(
            {"the configuration for this directory cannot be made", ExitCode::internal}
        );
        return false;
    }
    if (talk_.result.is_ldap) {
        follow(*found);
    } else {
        config::Config config;
        config.directories.push_back(*found);
        auto read = directory::list_all(config);
        if (read) talk_.result.listing = std::move(*read);
        talk_.result.evidence = evidence_of(talk_.result.listing);
        tell(doubts_about(talk_.result.evidence));
    }
    talk_.plan.people = people_text(talk_.result.evidence);
    talk_.interview.say(fmt::format("  {}\n", talk_.plan.people));
    return true;
}

}  // namespace

std::optional<Trouble> read_sample_file(DirectoryTalk& talk, std::string const& path) {
    auto entries = ldap::read_ldif(path);
    if (!entries) return Trouble{entries.error().what, ExitCode::bad_data};
    constexpr auto most = static_cast<std::size_t>(schema::max_samples);
    // Containers come first, and are nobody.
    std::erase_if(*entries, [](ldap::Entry const& entry) {
        schema::ServerView one;
        one.samples.push_back(entry);
        return schema::probe(one).empty();
    });
    if (entries->size() > most) entries->resize(most);
    talk.seen = {};
    talk.seen.view.samples = std::move(*entries);
    talk.guesses = schema::probe(talk.seen.view);
    if (!talk.guesses.empty()) return std::nullopt;
    return Trouble{"nobody in this file has a mail address", ExitCode::bad_data};
}

bool ask_people(DirectoryTalk& talk) {
    PeopleDialogue dialogue(talk);
    if (talk.result.is_ldap && !dialogue.ask_base()) return false;
    return dialogue.ask_profile() && dialogue.look_at_people();
}

}  // namespace splitmx::admin
