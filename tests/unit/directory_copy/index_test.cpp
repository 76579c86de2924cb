#include "directory/copy/index.hpp"

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "people.hpp"

namespace splitmx::directory::copy {

TEST_CASE("an address is found in any spelling, and an entry by its name") {
    Index index;
    index.put(entry_id(1), person("zoe", {"Zoe@example.com", "z@example.org"}, "mbx1"), nullptr);
    CHECK(owners(index.find(mailbox("zoe@EXAMPLE.COM"))) == "uid=zoe,ou=people,dc=example,dc=com");
    CHECK(
        owners(index.find(mailbox("\"z\"@example.org"))) == "uid=zoe,ou=people,dc=example,dc=com"
    );
    CHECK(owners(index.find(mailbox("zoe@example.net"))) == "none");
    auto const name = entry_name("UID=zoe, ou=people, dc=example, dc=com");
    auto const answer = index.find(name);
    REQUIRE(std::holds_alternative<resolver::One>(answer));
    CHECK(std::get<resolver::One>(answer).recipient->mail_host == "mbx1");
    CHECK(owners(index.find(entry_name("uid=ann,dc=example,dc=com"))) == "none");
}

TEST_CASE("an entry is found by its X500 addresses, and by them alone") {
    auto const x500 = [](char const* text) { return mail::X500Address::parse(text).value(); };
    auto zoe = person("zoe", {"zoe@example.com"});
    zoe.x500_addresses = {x500("/o=X/cn=Recipients/cn=zoe"), x500("/o=X/cn=Recipients/cn=z")};
    auto ann = person("ann", {"ann@example.com"});
    ann.x500_addresses = {x500("/O=x/CN=recipients/CN=Z")};
    Index index;
    index.put(entry_id(1), zoe, nullptr);
    index.put(entry_id(2), ann, nullptr);
    CHECK(
        owners(index.find(x500("/O=X/CN=RECIPIENTS/CN=ZOE"))) ==
        "uid=zoe,ou=people,dc=example,dc=com"
    );
    CHECK(
        owners(index.find(x500("/o=x/cn=recipients/cn=z"))) ==
        "uid=ann,ou=people,dc=example,dc=com | uid=zoe,ou=people,dc=example,dc=com"
    );
    CHECK(owners(index.find(x500("/o=X/cn=Recipients"))) == "none");
    // One loses its own, and the other one goes.
    zoe.x500_addresses.pop_back();
    CHECK(index.put(entry_id(1), zoe, nullptr));
    CHECK(
        owners(index.find(x500("/o=x/cn=recipients/cn=z"))) == "uid=ann,ou=people,dc=example,dc=com"
    );
    CHECK(index.remove(entry_id(2), nullptr));
    CHECK(owners(index.find(x500("/o=x/cn=recipients/cn=z"))) == "none");
    CHECK(owners(index.find(mailbox("zoe@example.com"))) == "uid=zoe,ou=people,dc=example,dc=com");
}

TEST_CASE("uses and foreign addresses are counted as entries come and go") {
    auto room = person("room", {"room@example.com"});
    room.use = resolver::MailboxUse::room;
    room.foreign_addresses = {{"SIP", 1}, {"X400", 2}};
    auto zoe = person("zoe", {"zoe@example.com"});
    zoe.foreign_addresses = {{"SIP", 1}};
    Index index;
    using Foreign = std::map<std::string, std::uint64_t>;
    auto const rooms = [&] {
        return index.counts().uses[static_cast<std::size_t>(resolver::MailboxUse::room)];
    };
    index.put(entry_id(1), room, nullptr);
    index.put(entry_id(2), zoe, nullptr);
    CHECK(rooms() == 1);
    CHECK(index.foreign_addresses() == Foreign{{"SIP", 2}, {"X400", 2}});
    room.use = resolver::MailboxUse::ordinary;
    room.foreign_addresses.pop_back();
    index.put(entry_id(1), room, nullptr);
    CHECK(rooms() == 0);
    CHECK(index.foreign_addresses() == Foreign{{"SIP", 2}});
    index.remove(entry_id(2), nullptr);
    index.put(entry_id(1), std::nullopt, nullptr);
    CHECK(index.foreign_addresses().empty());
    // Types that somebody made up take little room.
    for (std::uint64_t i = 0; i < 100; ++i) {
        auto odd = person("odd", {});
        odd.foreign_addresses = {{"T" + std::to_string(i), 1}};
        index.put(entry_id(100 + i), odd, nullptr);
    }
    CHECK(index.foreign_addresses().size() <= 25);
    CHECK(index.foreign_addresses().at("OTHER") > 70);
    for (std::uint64_t i = 0; i < 100; ++i) index.remove(entry_id(100 + i), nullptr);
    CHECK(index.foreign_addresses().empty());
}

TEST_CASE("a change replaces the whole entry") {
    Index index;
    Effects effects;
    index.put(entry_id(1), person("zoe", {"zoe@example.com", "old@example.com"}), nullptr);
    CHECK(index.put(entry_id(1), person("zoe", {"zoe@example.com", "new@example.com"}), &effects));
    CHECK(owners(index.find(mailbox("old@example.com"))) == "none");
    CHECK(owners(index.find(mailbox("new@example.com"))) != "none");
    CHECK(owners(index.find(mailbox("zoe@example.com"))) != "none");
    CHECK(effects.changed.size() == 3);
    CHECK(effects.shared.empty());
    CHECK_FALSE(
        index.put(entry_id(1), person("zoe", {"zoe@example.com", "new@example.com"}), nullptr)
    );
}

TEST_CASE("a renamed entry is found by its new name only") {
    Index index;
    index.put(entry_id(1), person("zoe", {"zoe@example.com"}), nullptr);
    index.put(entry_id(1), person("zora", {"zoe@example.com"}), nullptr);
    CHECK(owners(index.find(entry_name("uid=zoe,ou=People,dc=example,dc=com"))) == "none");
    CHECK(owners(index.find(mailbox("zoe@example.com"))) == "uid=zora,ou=people,dc=example,dc=com");
}

TEST_CASE("an address of two entries has an owner when one goes") {
    Index index;
    Effects effects;
    index.put(entry_id(1), person("a", {"x@example.com"}), nullptr);
    index.put(entry_id(2), person("b", {"X@example.com", "b@example.com"}), &effects);
    REQUIRE(effects.shared.size() == 1);
    CHECK(effects.shared[0].address.to_wire() == "X@example.com");
    CHECK(effects.shared[0].owners.size() == 2);
    CHECK(
        owners(index.find(mailbox("x@example.com"))) ==
        "uid=a,ou=people,dc=example,dc=com | uid=b,ou=people,dc=example,dc=com"
    );
    SECTION("the first") { CHECK(index.remove(entry_id(1), nullptr)); }
    SECTION("the second") { CHECK(index.remove(entry_id(2), nullptr)); }
    CHECK(owners(index.find(mailbox("x@example.com"))).starts_with("uid="));
}

TEST_CASE("an entry that came again under a new id is not two") {
    Index index;
    index.put(entry_id(1), person("zoe", {"zoe@example.com"}, "old"), nullptr);
    Effects effects;
    index.put(entry_id(2), person("zoe", {"zoe@example.com"}, "new"), &effects);
    CHECK(effects.shared.empty());
    auto const answer = index.find(mailbox("zoe@example.com"));
    REQUIRE(std::holds_alternative<resolver::One>(answer));
    CHECK(std::get<resolver::One>(answer).recipient->mail_host == "new");
    // The old one turns out to have been renamed.
    index.put(entry_id(1), person("zora", {"zora@example.com"}, "old"), nullptr);
    CHECK(owners(index.find(mailbox("zoe@example.com"))) == "uid=zoe,ou=people,dc=example,dc=com");
    CHECK(
        owners(index.find(mailbox("zora@example.com"))) == "uid=zora,ou=people,dc=example,dc=com"
    );
    index.remove(entry_id(1), nullptr);
    index.remove(entry_id(2), nullptr);
    CHECK(owners(index.find(entry_name("uid=zoe,ou=People,dc=example,dc=com"))) == "none");
    CHECK(index.counts().entries() == 0);
}

TEST_CASE("what is no recipient is known, counted and never found") {
    Index index;
    index.put(entry_id(1), std::nullopt, nullptr);
    CHECK(index.confirm(entry_id(1)));
    CHECK_FALSE(index.confirm(entry_id(2)));
    CHECK(index.counts().others == 1);
    index.put(entry_id(1), person("zoe", {"zoe@example.com"}), nullptr);
    CHECK(index.counts().others == 0);
    CHECK(index.counts().mailboxes == 1);
    Effects effects;
    index.put(entry_id(1), std::nullopt, &effects);
    CHECK(owners(index.find(mailbox("zoe@example.com"))) == "none");
    CHECK(effects.changed.size() == 1);
    CHECK(index.remove(entry_id(1), nullptr));
    CHECK_FALSE(index.remove(entry_id(1), nullptr));
}

TEST_CASE("a sweep takes what a refresh did not confirm") {
    Index index;
    for (std::uint64_t i = 0; i < 10; ++i) {
        index.put(
            entry_id(i),
            person("p" + std::to_string(i), {"p" + std::to_string(i) + "@a.example"}),
            nullptr
        );
    }
    index.begin_refresh();
    index.confirm(entry_id(3));
    index.put(entry_id(4), person("p4", {"p4@a.example"}), nullptr);
    index.put(entry_id(20), person("p20", {"p20@a.example"}), nullptr);
    Effects effects;
    CHECK(index.sweep(&effects) == 8);
    CHECK(effects.changed.size() == 8);
    CHECK(index.counts().mailboxes == 3);
    CHECK(owners(index.find(mailbox("p5@a.example"))) == "none");
    CHECK(owners(index.find(mailbox("p3@a.example"))) != "none");
}

namespace {

// What the index must say, made the simple way.
class Model {
public:
    void put(std::uint64_t id, std::optional<resolver::Recipient> recipient) {
        if (recipient) {
            for (auto& [other, entry] : entries_) {
                // Names are unique in a directory.
                if (other != id && entry && entry->name == recipient->name) entry->name.key += "?";
            }
        }
        entries_[id] = std::move(recipient);
    }
    // Still there, under the name it had.
    bool confirm(std::uint64_t id) {
        auto const found = entries_.find(id);
        if (found == entries_.end()) return false;
        auto again = found->second;
        if (again) again->name.key = again->name.key.substr(0, again->name.key.find('?'));
        put(id, std::move(again));
        return true;
    }
    bool remove(std::uint64_t id) { return entries_.erase(id) > 0; }

    std::string find(mail::Mailbox const& address) const {
        std::set<std::string> named;
        std::set<std::string> nameless;
        for (auto const& [id, entry] : entries_) {
            if (!entry) continue;
            for (auto const& own : entry->addresses) {
                if (!(own == address)) continue;
                auto const& key = entry->name.key;
                if (key.ends_with('?')) {
                    nameless.insert(key.substr(0, key.find('?')));
                } else {
                    named.insert(key);
                }
            }
        }
        std::string text;
        for (auto const& key : named.empty() ? nameless : named)
            text += (text.empty() ? "" : " | ") + key;
        return text.empty() ? "none" : text;
    }
    std::string find(resolver::EntryName const& name) const {
        for (auto const& [id, entry] : entries_) {
            if (entry && entry->name == name) return name.key;
        }
        return "none";
    }
    std::map<std::uint64_t, std::optional<resolver::Recipient>> const& entries() const {
        return entries_;
    }

private:
    std::map<std::uint64_t, std::optional<resolver::Recipient>> entries_;
};

}  // namespace

TEST_CASE("after any changes the index says what a simple list says") {
    std::mt19937 random(Catch::rngSeed() + 1);
    auto const below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    auto const address = [&] {
        return (below(2) != 0 ? "p" : "P") + std::to_string(below(40)) + "@d" +
               std::to_string(below(3)) + ".example";
    };
    for (int round = 0; round < 30; ++round) {
        Index index;
        Model model;
        std::map<std::uint64_t, bool> confirmed;
        for (int step = 0; step < 400; ++step) {
            std::uint64_t const id = below(60);
            switch (below(10)) {
                case 0:
                    CHECK(index.remove(entry_id(id), nullptr) == model.remove(id));
                    confirmed.erase(id);
                    break;
                case 1:
                    index.put(entry_id(id), std::nullopt, nullptr);
                    model.put(id, std::nullopt);
                    confirmed[id] = true;
                    break;
                case 2:
                    if (below(10) == 0) {
                        index.begin_refresh();
                        for (auto& [known, is] : confirmed) is = false;
                    }
                    break;
                case 3:
                    if (below(20) == 0) {
                        std::size_t gone = 0;
                        for (auto const& [known, is] : confirmed) {
                            if (!is) gone += model.remove(known) ? 1 : 0;
                        }
                        std::erase_if(confirmed, [](auto const& one) { return !one.second; });
                        CHECK(index.sweep(nullptr) == gone);
                    }
                    break;
                case 4:
                    CHECK(index.confirm(entry_id(id)) == model.confirm(id));
                    if (confirmed.contains(id)) confirmed[id] = true;
                    break;
                default: {
                    resolver::Recipient recipient = person("n" + std::to_string(below(70)), {});
                    for (auto n = below(4); n > 0; --n)
                        recipient.addresses.push_back(mailbox(address()));
                    index.put(entry_id(id), recipient, nullptr);
                    model.put(id, recipient);
                    confirmed[id] = true;
                }
            }
            for (int probe = 0; probe < 3; ++probe) {
                auto const asked = mailbox(address());
                REQUIRE(owners(index.find(asked)) == model.find(asked));
                auto const name = person("n" + std::to_string(below(70)), {}).name;
                REQUIRE(owners(index.find(name)) == model.find(name));
            }
            REQUIRE(index.counts().entries() == model.entries().size());
        }
    }
}

TEST_CASE("readers never miss an address that stays, whatever else changes") {
    Index index;
    for (std::uint64_t i = 0; i < 50; ++i) {
        auto const n = std::to_string(i);
        index.put(
            entry_id(i), person("p" + n, {"p" + n + "@a.example", "x" + n + "@a.example"}), nullptr
        );
    }
    std::atomic<bool> stop{false};
    std::atomic<std::size_t> missed{0};
    std::atomic<std::size_t> looked{0};
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&] {
            std::vector<mail::Mailbox> asked;
            for (int i = 0; i < 50; ++i) {
                asked.push_back(mail::Mailbox::parse("p" + std::to_string(i) + "@a.example").value()
                );
            }
            while (!stop) {
                for (auto const& address : asked) {
                    auto const answer = index.find(address);
                    auto const* one = std::get_if<resolver::One>(&answer);
                    if (one == nullptr || one->recipient->addresses.empty() ||
                        !(one->recipient->addresses.front() == address)) {
                        ++missed;
                    }
                    ++looked;
                }
            }
        });
    }
    std::mt19937 random(7);
    for (int step = 0; step < 6'000 || looked < 5'000; ++step) {
        auto const i = random() % 50;
        auto const n = std::to_string(i);
        index.put(
            entry_id(i),
            person(
                "p" + n,
                {"p" + n + "@a.example", "y" + std::to_string(random() % 1000) + "@a.example"},
                "host" + std::to_string(random() % 3)
            ),
            nullptr
        );
        // Others come and go, so that shards move.
        auto const other = 1000 + random() % 5000;
        auto const o = std::to_string(other);
        if (random() % 3 == 0) {
            index.remove(entry_id(other), nullptr);
        } else {
            index.put(entry_id(other), person("o" + o, {"o" + o + "@b.example"}), nullptr);
        }
    }
    stop = true;
    for (auto& reader : readers) reader.join();
    CHECK(missed == 0);
}

}  // namespace splitmx::directory::copy
