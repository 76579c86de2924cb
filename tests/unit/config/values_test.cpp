#include "config/values.hpp"

#include "config/suggestion.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace splitmx;
using namespace std::chrono_literals;

TEST_CASE("durations") {
    struct Row {
        std::string text;
        mail::Duration value;
    };
    for (auto const& row : std::vector<Row>{
             {"500ms", 500ms},
             {"30s", 30s},
             {"5m", 5min},
             {"4h", 4h},
             {"5d", 120h},
             {"3650d", 3650 * 24h},
         }) {
        INFO(row.text);
        auto const parsed = config::parse_duration(row.text);
        REQUIRE(parsed.has_value());
        CHECK(*parsed == row.value);
    }
    for (std::string const bad :
         {"",
          "5",
          "s",
          "0s",
          "-5s",
          "5 s",
          " 5s",
          "5sec",
          "5S",
          "1.5h",
          "3651d",
          "1h30m",
          "99999999999999999999s",
          "9223372036854775807d",
          "+5s"}) {
        INFO(bad);
        CHECK_FALSE(config::parse_duration(bad).has_value());
    }
}

TEST_CASE("sizes") {
    CHECK(*config::parse_size("100B") == 100);
    CHECK(*config::parse_size("64KiB") == 65'536);
    CHECK(*config::parse_size("50MiB") == 52'428'800);
    CHECK(*config::parse_size("64GiB") == 68'719'476'736);
    CHECK(*config::parse_size("1TiB") == 1'099'511'627'776);
    for (std::string const bad : {"", "64", "64K", "64KB", "64kib", "0B", "-1B", "9999999999TiB"}) {
        INFO(bad);
        CHECK_FALSE(config::parse_size(bad).has_value());
    }
}

TEST_CASE("addresses with ports") {
    struct Row {
        std::string text;
        std::string value;
    };
    for (auto const& row : std::vector<Row>{
             {"192.0.2.1:25", "192.0.2.1:25"},
             {"[2001:db8::1]:25", "[2001:db8::1]:25"},
             {"[::]:0", "[::]:0"},
             {"0.0.0.0:0", "0.0.0.0:0"},
         }) {
        INFO(row.text);
        auto const parsed = config::parse_endpoint(row.text, std::nullopt);
        REQUIRE(parsed.has_value());
        CHECK(parsed->to_text() == row.value);
    }
    for (std::string const bad :
         {"",
          ":25",
          "192.0.2.1",
          "192.0.2.1:",
          "192.0.2.1:smtp",
          "192.0.2.1:65536",
          "192.0.2.1:-1",
          "2001:db8::1",
          "[2001:db8::1]",
          "[192.0.2.1]:25",
          "localhost:25",
          "[2001:db8::1:25",
          "192.0.2.1:25:25"}) {
        INFO(bad);
        CHECK_FALSE(config::parse_endpoint(bad, std::nullopt).has_value());
    }
    CHECK(config::parse_endpoint("192.0.2.1", 53)->to_text() == "192.0.2.1:53");
    CHECK(config::parse_endpoint("2001:db8::1", 53)->to_text() == "[2001:db8::1]:53");
    CHECK(config::parse_endpoint("[2001:db8::1]", 53)->to_text() == "[2001:db8::1]:53");
}

TEST_CASE("a domain may be an address") {
    CHECK(config::parse_domain("10.0.0.1")->text() == "[10.0.0.1]");
    CHECK(config::parse_domain("[10.0.0.1]")->text() == "[10.0.0.1]");
    CHECK(config::parse_domain("Example.COM")->text() == "example.com");
    CHECK_FALSE(config::parse_domain("a@example.com").has_value());
}

TEST_CASE("how a name is read") {
    CHECK(config::tidy_domain(" Example.COM. ") == "example.com");
    CHECK(config::tidy_domain("# Example.com") == "#example.com");
    CHECK(config::tidy_domain(".Example.com") == ".example.com");
    CHECK(config::tidy_domain("") == "");
    CHECK(config::tidy_domain("#") == "#");
}

TEST_CASE("secrets come from where the text says") {
    auto const folder =
        fs::temp_directory_path() / ("splitmx-secret-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    std::ofstream(folder / "ldap-password") << "s3cret\n";
    std::ofstream(folder / "empty") << "\n";
    auto const read = [&](std::string const& text) { return config::read_secret(text, folder); };

    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::setenv("SPLITMX_TEST_SECRET", "from-env", 1);
    ::setenv("SPLITMX_TEST_EMPTY", "", 1);
    CHECK(*read("file:ldap-password") == "s3cret");
    CHECK(*read("file:" + (folder / "ldap-password").string()) == "s3cret");
    CHECK(*read("env:SPLITMX_TEST_SECRET") == "from-env");
    CHECK(*read("written here") == "written here");
    CHECK(config::is_inline_secret("written here"));
    CHECK_FALSE(config::is_inline_secret("env:X"));

    auto const missing = (folder / "credentials/host-password").string();
    CHECK(
        read("credential:host-password").error().what ==
        "the secret cannot be read: " + missing + ": No such file or directory"
    );
    fs::create_directories(folder / "credentials");
    std::ofstream(missing) << "of the tool";
    CHECK(*read("credential:host-password") == "of the tool");

    std::ofstream(folder / "splitmx_tls-key") << "one of many";
    std::ofstream(folder / "splitmx_ldap-password") << "one of many";
    ::setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1);
    CHECK(*read("credential:ldap-password") == "s3cret");
    CHECK(*read("credential:tls-key") == "one of many");
    CHECK_FALSE(read("credential:host-password").has_value());
    CHECK_FALSE(read("credential:").has_value());
    CHECK_FALSE(read("credential:../ldap-password").has_value());
    CHECK_FALSE(read("credential:other").has_value());
    CHECK_FALSE(read("file:other").has_value());
    CHECK_FALSE(read("file:empty").has_value());
    CHECK_FALSE(read("file:").has_value());
    CHECK_FALSE(read("env:SPLITMX_TEST_EMPTY").has_value());
    CHECK_FALSE(read("env:SPLITMX_TEST_UNSET").has_value());
    ::unsetenv("CREDENTIALS_DIRECTORY");
    fs::remove_all(folder);
}

TEST_CASE("suggestions") {
    std::vector<std::string> const names{"unknown", "host", "europe"};
    CHECK(config::edit_distance("", "abc") == 3);
    CHECK(config::edit_distance("kitten", "sitting") == 3);
    CHECK(config::nearest("unkown", names) == "unknown");
    CHECK(config::nearest("eurpoe", names) == "europe");
    CHECK(config::nearest("hots", names) == "host");
    CHECK(config::nearest("colour", names).empty());
    CHECK(config::did_you_mean("host") == "did you mean \"host\"?");
    CHECK(config::did_you_mean("").empty());
}
