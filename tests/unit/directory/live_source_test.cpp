// The live source against a scripted search: what is asked, what is kept, what a failure means.
#include "directory/live_source.hpp"

#include <catch2/catch.hpp>

#include <deque>

using namespace splitmx;
using namespace splitmx::resolver;
using directory::Answers;
using directory::LiveSource;

namespace {

mail::Mailbox box(std::string const& text) { return mail::Mailbox::parse(text).value(); }

ldap::Entry mailbox_entry(std::string const& dn, std::string const& address) {
    ldap::Entry entry(ldap::Dn::parse(dn).value());
    entry.add("objectClass", std::string("splitmxMailbox"));
    entry.add("splitmxAddress", address);
    return entry;
}

struct Scripted {
    struct Search {
        ldap::SearchRequest request;
        std::function<void(ldap::SearchResult)> done;
    };
    std::deque<Search> searches;
    std::vector<std::string> ambiguous;
    LiveSource source;

    explicit Scripted(mail::Duration positive = std::chrono::minutes(10))
        : source(
              {"main",
               ldap::Dn::parse("o=adatum").value(),
               *schema::find_profile("splitmx"),
               {positive, std::chrono::seconds(30)}},
              [this](ldap::SearchRequest request, std::function<void(ldap::SearchResult)> done) {
                  searches.push_back({std::move(request), std::move(done)});
              },
              {[this](mail::Mailbox const& address, std::vector<EntryName> const& names) {
                  ambiguous.push_back(address.key() + " " + std::to_string(names.size()));
              }}
          ) {}

    void answer(std::vector<ldap::Entry> entries) {
        answer(ldap::SearchResult(ldap::Found(std::move(entries))));
    }
    void answer(ldap::SearchResult result) {
        REQUIRE_FALSE(searches.empty());
        auto search = std::move(searches.front());
        searches.pop_front();
        search.done(std::move(result));
    }
};

Answers* ask(Scripted& scripted, std::vector<LookupKey> keys) {
    static std::deque<Answers> arrived;  // addresses stay valid
    arrived.emplace_back();
    auto* place = &arrived.back();
    scripted.source.ask(std::move(keys), [place](Answers answers) { *place = std::move(answers); });
    return place;
}

}  // namespace

TEST_CASE("live source: the addresses of one question travel in one search") {
    Scripted scripted;
    auto* answers = ask(scripted, {box("anna@adatum.com"), box("zoe@adatum.com")});
    REQUIRE(scripted.searches.size() == 1);
    auto const filter = scripted.searches.front().request.filter.text();
    CHECK(filter.find("anna@adatum.com") != std::string::npos);
    CHECK(filter.find("zoe@adatum.com") != std::string::npos);
    scripted.answer(std::vector<ldap::Entry>{mailbox_entry("uid=anna,o=adatum", "anna@adatum.com")}
    );
    REQUIRE(answers->size() == 2);
    REQUIRE(std::holds_alternative<One>((*answers)[0]));
    CHECK(std::get<One>((*answers)[0]).recipient->name.text == "uid=anna,o=adatum");
    CHECK(std::holds_alternative<None>((*answers)[1]));
}

TEST_CASE("live source: who may be on another server is not unknown") {
    Scripted scripted;
    auto* answers = ask(scripted, {box("anna@adatum.com"), box("zoe@adatum.com")});
    ldap::Found found({mailbox_entry("uid=anna,o=adatum", "anna@adatum.com")});
    found.references = {"ldap://b/ou=there,o=adatum"};
    scripted.answer(ldap::SearchResult(std::move(found)));
    CHECK(std::holds_alternative<One>((*answers)[0]));
    REQUIRE(std::holds_alternative<resolver::Unavailable>((*answers)[1]));
    CHECK(
        std::get<resolver::Unavailable>((*answers)[1]).why ==
        "the server refers to ldap://b/ou=there,o=adatum for a part of the base, which is not read"
    );
}

TEST_CASE("live source: an X500 address has a search of its own") {
    auto const x500 = mail::X500Address::parse("/o=Adatum/cn=Recipients/cn=anna").value();
    auto entry = mailbox_entry("uid=anna,o=adatum", "anna@adatum.com");
    entry.add("splitmxAddress", "X500:/O=ADATUM/CN=RECIPIENTS/CN=ANNA");
    Scripted scripted;
    auto* answers = ask(scripted, {box("zoe@adatum.com"), x500});
    REQUIRE(scripted.searches.size() == 2);
    CHECK(
        scripted.searches.back().request.filter.text().find(
            "(splitmxAddress=X500:/o=Adatum/cn=Recipients/cn=anna)"
        ) != std::string::npos
    );
    scripted.answer(std::vector<ldap::Entry>());
    scripted.answer(std::vector<ldap::Entry>{entry});
    CHECK(std::holds_alternative<None>((*answers)[0]));
    REQUIRE(std::holds_alternative<One>((*answers)[1]));
    CHECK(std::get<One>((*answers)[1]).recipient->name.text == "uid=anna,o=adatum");
    CHECK(std::holds_alternative<One>(scripted.source.find(x500)));
}

TEST_CASE("live source: an X500 address that the server does not tell is not unknown") {
    auto const x500 = mail::X500Address::parse("/o=Adatum/cn=Recipients/cn=anna").value();
    Scripted scripted;
    auto* answers = ask(scripted, {x500});
    SECTION("no answer") {
        scripted.answer(ldap::SearchResult(ldap::Error{ldap::Errc::time_limit, "late"}));
    }
    SECTION("a part is elsewhere") {
        ldap::Found found{std::vector<ldap::Entry>()};
        found.references = {"ldap://b/ou=there,o=adatum"};
        scripted.answer(ldap::SearchResult(std::move(found)));
    }
    CHECK(std::holds_alternative<resolver::Unavailable>(answers->at(0)));
}

TEST_CASE("live source: an answer is kept, and equal questions under way are asked once") {
    Scripted scripted;
    auto* first = ask(scripted, {box("anna@adatum.com")});
    auto* second = ask(scripted, {box("ANNA@adatum.com")});
    REQUIRE(scripted.searches.size() == 1);
    scripted.answer(std::vector<ldap::Entry>{mailbox_entry("uid=anna,o=adatum", "anna@adatum.com")}
    );
    CHECK(std::holds_alternative<One>(first->at(0)));
    CHECK(std::holds_alternative<One>(second->at(0)));
    CHECK(std::holds_alternative<One>(scripted.source.find(box("anna@adatum.com"))));
    auto* third = ask(scripted, {box("anna@adatum.com")});
    CHECK(scripted.searches.empty());
    CHECK(std::holds_alternative<One>(third->at(0)));
}

TEST_CASE("live source: a search that fails tells nothing, and is not kept") {
    for (auto const code :
         {ldap::Errc::timeout,
          ldap::Errc::unreachable,
          ldap::Errc::size_limit,
          ldap::Errc::no_such_base,
          ldap::Errc::insufficient_rights,
          ldap::Errc::referral,
          ldap::Errc::busy}) {
        CAPTURE(ldap::message(code));
        Scripted scripted;
        auto* answers = ask(scripted, {box("anna@adatum.com")});
        scripted.answer(ldap::Error(code, "test"));
        REQUIRE(answers->size() == 1);
        CHECK(std::holds_alternative<Unavailable>(answers->at(0)));
        CHECK(std::holds_alternative<NotAsked>(scripted.source.find(box("anna@adatum.com"))));
    }
}

TEST_CASE("live source: entries by name") {
    Scripted scripted;
    EntryName const anna{"uid=anna,o=adatum", ldap::Dn::parse("uid=anna,o=adatum")->key()};
    EntryName const gone{"uid=gone,o=adatum", ldap::Dn::parse("uid=gone,o=adatum")->key()};
    EntryName const elsewhere{"uid=x,o=other", ldap::Dn::parse("uid=x,o=other")->key()};
    auto* answers = ask(scripted, {anna, gone, elsewhere});
    REQUIRE(scripted.searches.size() == 2);  // outside the base nobody has to be asked
    CHECK(scripted.searches.front().request.scope == ldap::Scope::base);
    scripted.answer(std::vector<ldap::Entry>{mailbox_entry("uid=anna,o=adatum", "anna@adatum.com")}
    );
    scripted.answer(ldap::Error(ldap::Errc::no_such_base, "no such object"));
    // Whether the base is there decides what that means.
    REQUIRE(scripted.searches.size() == 1);
    CHECK(scripted.searches.front().request.base.text() == "o=adatum");
    scripted.answer(std::vector<ldap::Entry>{ldap::Entry(ldap::Dn::parse("o=adatum").value())});
    REQUIRE(answers->size() == 3);
    CHECK(std::holds_alternative<One>(answers->at(0)));
    CHECK(std::holds_alternative<None>(answers->at(1)));
    CHECK(std::holds_alternative<None>(answers->at(2)));
}

TEST_CASE("live source: below a base that is gone nobody is missing for sure") {
    Scripted scripted;
    EntryName const anna{"uid=anna,o=adatum", ldap::Dn::parse("uid=anna,o=adatum")->key()};
    auto* answers = ask(scripted, {anna});
    scripted.answer(ldap::Error(ldap::Errc::no_such_base, "no such object"));
    scripted.answer(ldap::Error(ldap::Errc::no_such_base, "no such object"));
    REQUIRE(answers->size() == 1);
    CHECK(std::holds_alternative<Unavailable>(answers->at(0)));
    CHECK(std::holds_alternative<NotAsked>(scripted.source.find(anna)));
}

TEST_CASE("live source: a group is whole, or not known") {
    auto const members = [](std::string const& attribute, std::vector<std::string> const& names) {
        ldap::Entry entry(ldap::Dn::parse("cn=all,o=adatum").value());
        entry.add("objectClass", std::string("splitmxGroup"));
        entry.add("splitmxAddress", std::string("all@adatum.com"));
        std::vector<std::string> dns;
        for (auto const& one : names) dns.push_back("uid=" + one + ",o=adatum");
        entry.add(attribute, dns);
        return std::vector<ldap::Entry>{entry};
    };
    Scripted scripted;
    auto* answers = ask(scripted, {box("zoe@adatum.com"), box("all@adatum.com")});
    scripted.answer(members("member;range=0-1", {"a", "b"}));
    REQUIRE(scripted.searches.size() == 1);
    auto const& request = scripted.searches.front().request;
    CHECK(request.base.text() == "cn=all,o=adatum");
    CHECK(request.attributes == std::vector<std::string>{"member;range=2-*"});
    SECTION("the rest comes") {
        scripted.answer(members("member;range=2-3", {"c", "d"}));
        scripted.answer(members("member;range=4-*", {"e"}));
        REQUIRE(std::holds_alternative<One>(answers->at(1)));
        auto const& group = *std::get<One>(answers->at(1)).recipient;
        CHECK(group.members.size() == 5);
        CHECK(group.malformed_members.empty());
    }
    SECTION("it does not") {
        scripted.answer(ldap::Error(ldap::Errc::server_failure, "operations error"));
        CHECK(std::holds_alternative<Unavailable>(answers->at(1)));
        CHECK(std::holds_alternative<NotAsked>(scripted.source.find(box("all@adatum.com"))));
    }
    SECTION("it is gone") {
        scripted.answer(std::vector<ldap::Entry>{});
        CHECK(std::holds_alternative<Unavailable>(answers->at(1)));
    }
    CHECK(std::holds_alternative<None>(answers->at(0)));
}

TEST_CASE("live source: several owners are reported with their names") {
    Scripted scripted;
    auto* answers = ask(scripted, {box("pat@adatum.com")});
    scripted.answer(std::vector<ldap::Entry>{
        mailbox_entry("uid=pat,o=adatum", "pat@adatum.com"),
        mailbox_entry("uid=pat2,o=adatum", "Pat@adatum.com")});
    CHECK(std::holds_alternative<Many>(answers->at(0)));
    CHECK(scripted.ambiguous == std::vector<std::string>{"pat@adatum.com 2"});
}

TEST_CASE("live source: hundreds of recipients are several searches") {
    Scripted scripted;
    std::vector<LookupKey> keys;
    for (int i = 0; i < 120; ++i) keys.push_back(box("u" + std::to_string(i) + "@adatum.com"));
    auto* answers = ask(scripted, keys);
    CHECK(scripted.searches.size() == 3);
    while (!scripted.searches.empty()) scripted.answer(std::vector<ldap::Entry>{});
    CHECK(answers->size() == 120);
}

TEST_CASE("answer cache: bounded, and what is unknown is never kept") {
    directory::AnswerCache cache({std::chrono::minutes(1), std::chrono::seconds(1), 3});
    auto const now = directory::AnswerCache::Clock::now();
    cache.keep("a:down", Unavailable{"x"}, now);
    CHECK(cache.size() == 0);
    cache.keep("a:none", None{}, now);
    CHECK(std::holds_alternative<None>(cache.find("a:none", now)));
    CHECK(std::holds_alternative<NotAsked>(cache.find("a:none", now + std::chrono::seconds(1))));
    for (int i = 0; i < 10; ++i) cache.keep("a:" + std::to_string(i), None{}, now);
    CHECK(cache.size() <= 3);
}
