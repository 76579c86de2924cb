#include "relay/paused_hosts.hpp"

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace splitmx;
using namespace std::chrono_literals;

namespace {

relay::Pauses const some{
    {"host:notes", {mail::Instant(1'760'000'000s), "moving house\nsecond line \\ \x01"}},
    {"mx:example.net", {mail::Instant(1'760'000'001s), ""}}};

}  // namespace

TEST_CASE("paused hosts: written and read") {
    support::TemporaryDirectory const directory;
    auto const file = std::filesystem::path(directory.path()) / "paused-hosts";
    CHECK(relay::read_pauses(file).value().empty());
    REQUIRE(relay::write_pauses(file, some).has_value());
    CHECK((relay::read_pauses(file).value() == some));
    // Again, over the old one and what an interrupted run has left.
    std::ofstream(file.string() + ".new") << "half";
    REQUIRE(relay::write_pauses(file, {}).has_value());
    CHECK(relay::read_pauses(file).value().empty());
}

TEST_CASE("paused hosts: what is not whole is refused with its file") {
    support::TemporaryDirectory const directory;
    auto const file = std::filesystem::path(directory.path()) / "paused-hosts";
    auto const text = relay::to_text(some);
    for (std::size_t length = 0; length < text.size(); ++length) {
        INFO(length);
        CHECK_FALSE(relay::parse_pauses(text.substr(0, length)).has_value());
    }
    std::ofstream(file) << "nonsense";
    auto const read = relay::read_pauses(file);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().what.find(file.string()) != std::string::npos);
    CHECK_FALSE(relay::write_pauses(file / "in-a-file", some).has_value());
}
