#include "directory/what_if.hpp"

#include "directory/decide.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace {

using namespace splitmx;

mail::Mailbox mailbox(std::string const& text) { return mail::Mailbox::parse(text).value(); }

// Addresses of the mail type, and X500 addresses.
resolver::RecipientPtr person(std::string const& name, std::vector<std::string> addresses) {
    auto one = std::make_shared<resolver::Recipient>();
    one->name = {name, name};
    for (auto const& address : addresses) {
        if (auto x500 = mail::X500Address::parse(address))
            one->x500_addresses.push_back(std::move(*x500));
        else
            one->addresses.push_back(mailbox(address));
    }
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
            auto const found = answers.find(std::visit(
                [](auto const& one) {
                    if constexpr (requires { one.key(); })
                        return one.key();
                    else
                        return one.key;
                },
                key
            ));
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
    auto const anna = person("anna", {"anna@x.example", "both@x.example", "/o=X/cn=anna"});
    auto const ben = person("ben", {"ben@x.example", "both@x.example"});
    auto const source = std::make_shared<SlowSource>();
    source->answers["anna@x.example"] = resolver::One{anna};
    source->answers["ben@x.example"] = resolver::One{ben};
    source->answers["both@x.example"] = resolver::Many{{anna->name, ben->name}};
    source->answers["down@x.example"] = resolver::Unavailable{"test"};
    source->answers["/o=x/cn=anna"] = resolver::One{anna};
    source->answers["/o=x/cn=both"] = resolver::Many{{anna->name, ben->name}};
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
        Row{"an X500 address taken away", new_anna, "/o=x/cn=anna", "none"},
        Row{"an X500 address of another", nullptr, "/o=x/cn=both", "ben"},
        Row{"as before, by X500 address", anna, "/O=X/CN=ANNA", "anna"},
        Row{"nobody", nullptr, "nobody@x.example", "none"}
    );
    INFO(row.name);
    auto const then = directory::what_if(present, anna->name, row.now);
    auto const x500 = mail::X500Address::parse(row.asked);
    auto const key = x500 ? resolver::LookupKey(*x500) : resolver::LookupKey(mailbox(row.asked));
    CHECK(to_text(then->find(key)) == "not asked");
    std::string text;
    then->ask({key}, [&](directory::Answers answers) { text = to_text(answers.front()); });
    CHECK(text == row.expected);
    then->ask({anna->name}, [&](directory::Answers answers) { text = to_text(answers.front()); });
    CHECK(text == (row.now ? "anna" : "none"));
}
