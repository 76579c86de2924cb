#include "directory/what_if.hpp"

#include "directory/decide.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace {

using namespace splitmx;

mail::Mailbox mailbox(std::string const& text) { return mail::Mailbox::parse(text).value(); }

resolver::RecipientPtr person(std::string const& name, std::vector<std::string> addresses) {
    auto one = std::make_shared<resolver::Recipient>();
    one->name = {name, name};
    for (auto const& address : addresses) one->addresses.push_back(mailbox(address));
    return one;
}

// Knows nothing at once, and answers when asked.
class SlowSource final : public directory::Source {
public:
    std::map<std::string, resolver::Answer> answers;

    std::string const& name() const override { return name_; }
    resolver::Answer find(resolver::LookupKey const&) const override {
        return resolver::NotAsked{};
    }
    void ask(std::vector<resolver::LookupKey> keys, std::function<void(directory::Answers)> done)
        override {
        directory::Answers all;
        for (auto const& key : keys) {
            auto const* address = std::get_if<mail::Mailbox>(&key);
            auto const found =
                answers.find(address ? address->key() : std::get<resolver::EntryName>(key).key);
            all.push_back(found == answers.end() ? resolver::None{} : found->second);
        }
        done(std::move(all));
    }
    directory::Health health() const override { return {directory::State::direct, 0, {}}; }

private:
    std::string name_ = "slow";
};

std::string to_text(resolver::Answer const& answer) {
    if (std::holds_alternative<resolver::NotAsked>(answer)) return "not asked";
    if (std::holds_alternative<resolver::None>(answer)) return "none";
    if (std::holds_alternative<resolver::Unavailable>(answer)) return "unavailable";
    if (auto const* one = std::get_if<resolver::One>(&answer)) return one->recipient->name.text;
    std::string text;
    for (auto const& name : std::get<resolver::Many>(answer).names) text += name.text + " ";
    return text;
}

}  // namespace

TEST_CASE("what if: one entry is otherwise, all others are as they are", "[directory]") {
    auto const anna = person("anna", {"anna@x.example", "both@x.example"});
    auto const ben = person("ben", {"ben@x.example", "both@x.example"});
    auto const source = std::make_shared<SlowSource>();
    source->answers["anna@x.example"] = resolver::One{anna};
    source->answers["ben@x.example"] = resolver::One{ben};
    source->answers["both@x.example"] = resolver::Many{{anna->name, ben->name}};
    source->answers["down@x.example"] = resolver::Unavailable{"test"};
    source->answers["anna"] = resolver::One{anna};
    source->answers["ben"] = resolver::One{ben};
    std::vector<directory::DirectoryService::Opened> sources;
    sources.push_back({"", source});
    directory::DirectoryService present(std::move(sources));

    struct Row {
        char const* name;
        resolver::RecipientPtr now;
        char const* asked;
        char const* expected;
    };
    auto const new_anna = person("anna", {"new@x.example", "ben@x.example", "down@x.example"});
    auto const row = GENERATE_COPY(
        Row{"a new address", new_anna, "new@x.example", "anna"},
        Row{"an address taken away", new_anna, "anna@x.example", "none"},
        Row{"an address of another", new_anna, "ben@x.example", "ben anna "},
        Row{"of two owners one is left", new_anna, "both@x.example", "ben"},
        Row{"a found one counts even where another is silent", new_anna, "down@x.example", "anna"},
        Row{"gone", nullptr, "anna@x.example", "none"},
        Row{"gone, and the other owner is left", nullptr, "both@x.example", "ben"},
        Row{"as before", anna, "both@x.example", "ben anna "},
        Row{"somebody else", nullptr, "ben@x.example", "ben"},
        Row{"what cannot be known", nullptr, "down@x.example", "unavailable"},
        Row{"nobody", nullptr, "nobody@x.example", "none"}
    );
    INFO(row.name);
    auto const then = directory::what_if(present, anna->name, row.now);
    CHECK(to_text(then->find(mailbox(row.asked))) == "not asked");
    std::string text;
    then->ask({mailbox(row.asked)}, [&](directory::Answers answers) {
        text = to_text(answers.front());
    });
    CHECK(text == row.expected);
    then->ask({anna->name}, [&](directory::Answers answers) { text = to_text(answers.front()); });
    CHECK(text == (row.now ? "anna" : "none"));
}
