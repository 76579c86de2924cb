#include "relay/unfound_keeper.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <thread>

#include "support/temporary_directory.hpp"

using namespace splitmx;
using relay::UnfoundX500;

namespace {

mail::Instant minutes_ago(int count) {
    auto const now = std::chrono::system_clock::now();
    return std::chrono::floor<mail::Duration>(now) - std::chrono::minutes(count);
}

UnfoundX500::List some_names() {
    UnfoundX500::List list;
    list.names = {
        {"/o=x/cn=anna", "IMCEAEX-_o=x_cn=anna@a.example", 12, minutes_ago(90), minutes_ago(3)},
        {"/o=x/cn=\\ben", "IMCEAEX-_o=x_cn=ben@a.example", 1, minutes_ago(5), minutes_ago(5)}};
    list.unlisted = 7;
    list.since = minutes_ago(100);
    return list;
}

bool is_same(UnfoundX500::Name const& a, UnfoundX500::Name const& b) {
    return a.x500 == b.x500 && a.address == b.address && a.count == b.count &&
           a.first == b.first && a.last == b.last;
}

struct Grounds {
    support::TemporaryDirectory folder;
    std::filesystem::path file = folder.path() / "unfound-x500";
    std::string log_file = (folder.path() / "log").string();

    // One run of the relay: what it knows at its start, then `work`, then its end.
    template <class Work>
    UnfoundX500::List run(Work const& work) {
        observe::LogSettings settings;
        settings.file = log_file;
        auto log = std::move(observe::Log::open(std::move(settings)).value());
        boost::asio::io_context main;
        boost::asio::thread_pool disk(1);
        UnfoundX500 names;
        relay::UnfoundKeeper keeper(main, disk, *log, names, file);
        keeper.start();
        auto list = names.list();
        work(names);
        disk.join();
        keeper.stop();
        return list;
    }

    UnfoundX500::List run() {
        return run([](UnfoundX500&) {});
    }

    std::string log() const {
        std::ifstream in(log_file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

void refuse(UnfoundX500& names, std::string const& address) {
    resolver::Decision decided;
    decided.trace.push_back({resolver::Rule::directory_x500_none, "X500:/o=x", ""});
    observe::RecipientRefused event;
    event.address = address;
    event.session = "S1";
    event.decision = &decided;
    names.see(event);
}

}  // namespace

TEST_CASE("the list of unfound names comes back as it was written") {
    auto const list = some_names();
    auto const again = relay::parse_unfound_x500(relay::to_text(list));
    REQUIRE(again.has_value());
    CHECK(again->since == list.since);
    CHECK(again->unlisted == 7);
    REQUIRE(again->names.size() == 2);
    CHECK(is_same(again->names[0], list.names[0]));
    CHECK(is_same(again->names[1], list.names[1]));
}

TEST_CASE("a file of unfound names that is damaged says where") {
    auto text = relay::to_text(some_names());
    text[text.find("anna")] = 'A';
    CHECK(relay::parse_unfound_x500(text).error().what.find("checksum") != std::string::npos);
    CHECK(relay::parse_unfound_x500("").has_error());
    CHECK(relay::parse_unfound_x500(text.substr(0, text.size() / 2)).has_error());
}

TEST_CASE("unfound names outlive a restart, and are counted on") {
    Grounds grounds;
    CHECK(grounds.run([](UnfoundX500& names) {
        refuse(names, "IMCEAEX-_o=x_cn=anna@a.example");
    }).names.empty());
    auto const list = grounds.run([](UnfoundX500& names) {
        refuse(names, "IMCEAEX-_O=X_CN=ANNA@a.example");
    });
    REQUIRE(list.names.size() == 1);
    CHECK(list.names[0].count == 1);
    auto const third = grounds.run();
    CHECK(third.names.at(0).count == 2);
    CHECK(third.names.at(0).first == list.names[0].first);
    CHECK(third.since == list.since);
}

TEST_CASE("nothing is written where nothing was seen") {
    Grounds grounds;
    grounds.run();
    CHECK(!std::filesystem::exists(grounds.file));
}

TEST_CASE("what cannot be read is told, and counting begins anew") {
    Grounds grounds;
    std::ofstream(grounds.file) << "no list";
    auto const list = grounds.run([](UnfoundX500& names) {
        refuse(names, "IMCEAEX-_o=x_cn=ben@a.example");
    });
    CHECK(list.names.empty());
    CHECK(grounds.log().find("what was not found before is forgotten: ") != std::string::npos);
    CHECK(grounds.run().names.size() == 1);
}

TEST_CASE("a run that is killed has written what it had seen some time before") {
    Grounds grounds;
    boost::asio::io_context main;
    boost::asio::thread_pool disk(1);
    observe::LogSettings settings;
    settings.file = grounds.log_file;
    auto log = std::move(observe::Log::open(std::move(settings)).value());
    UnfoundX500 names;
    relay::UnfoundKeeper keeper(main, disk, *log, names, grounds.file, mail::Duration(1));
    keeper.start();
    refuse(names, "IMCEAEX-_o=x_cn=anna@a.example");
    while (!std::filesystem::exists(grounds.file)) main.run_one();
    disk.join();  // never stopped
    CHECK(grounds.run().names.size() == 1);
}

TEST_CASE("what cannot be written is told") {
    Grounds grounds;
    grounds.file = grounds.folder.path() / "none/unfound-x500";
    grounds.run([](UnfoundX500& names) { refuse(names, "IMCEAEX-_o=x_cn=ben@a.example"); });
    CHECK(grounds.log().find("none/unfound-x500") != std::string::npos);
}

TEST_CASE("a name that nobody writes to any more makes room") {
    UnfoundX500 names;
    auto list = some_names();
    list.names[0].last -= UnfoundX500::kept_for;
    names.restore(list);
    REQUIRE(names.list().names.size() == 1);
    CHECK(names.list().names[0].x500 == list.names[1].x500);
    CHECK(names.list().unlisted == 7);
}

TEST_CASE("a full list takes a new name once an old one has had its time") {
    UnfoundX500 names;
    UnfoundX500::List list;
    auto const soon = minutes_ago(0) - UnfoundX500::kept_for + std::chrono::seconds(1);
    for (std::size_t i = 0; i < UnfoundX500::capacity; ++i) {
        auto const last = i == 0 ? soon : minutes_ago(1);
        list.names.push_back({"/o=x/cn=n" + std::to_string(i), "n@a.example", 1, last, last});
    }
    names.restore(list);
    REQUIRE(names.list().names.size() == UnfoundX500::capacity);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    refuse(names, "IMCEAEX-_o=x_cn=anna@a.example");
    CHECK(names.list().unlisted == 0);
    refuse(names, "IMCEAEX-_o=x_cn=ben@a.example");
    CHECK(names.list().unlisted == 1);
}
