// Every key of the table works: its good example is taken, its bad one is found where it stands,
// its default fits, and the generated texts are those in the repository.
#include "config/config_keys.hpp"
#include "config/document.hpp"
#include "config/read.hpp"
#include "config/reference.hpp"
#include "config/value_check.hpp"
#include "config/values.hpp"
#include "schema/custom_profile.hpp"
#include "support/certificates.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace fs = std::filesystem;
using namespace splitmx;

namespace {

// A configuration in a folder of its own, beside the file that an example names.
class Scratch {
public:
    Scratch() : path_(fs::temp_directory_path() / ("splitmx-key-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
        auto const issued = authority_.issue("DNS:relay1.example.com");
        fs::copy_file(authority_.ca_file(), path_ / "ca.pem");
        fs::copy_file(issued.certificate, path_ / "fullchain.pem");
        fs::copy_file(issued.key, path_ / "key.pem");
        std::ofstream(path_ / "routing-tests.txt") << "anna@example.com mailbox\n";
        ::setenv("LDAP_PASSWORD", "s3cret", 1);
    }
    ~Scratch() { fs::remove_all(path_); }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;

    config::Loaded load(std::string const& text) const {
        std::ofstream(path_ / "splitmx.toml") << text;
        return config::load(path_ / "splitmx.toml", config::Purpose::serve);
    }

private:
    support::TestAuthority authority_;
    fs::path path_;
};

// What must stand beside a key for it to make sense.
std::string company_of(config::KeyInfo const& key) {
    std::string const name(key.name);
    std::string text;
    auto const add = [&](std::string const& other, std::string const& line) {
        if (name != other) text += line + "\n";
    };
    if (key.section == "listen") add("address", "address = \"127.0.0.1:2525\"");
    if (key.section == "tls") {
        add("certificate", "certificate = \"fullchain.pem\"");
        add("key", "key = \"key.pem\"");
    }
    if (key.section == "host") {
        add("address", "address = \"mbx2.example.com\"");
        if (name == "password") text += "username = \"relay1\"\n";
        if (name == "username") text += "password = \"env:LDAP_PASSWORD\"\n";
    }
    if (key.section == "domain") {
        add("name", "name = \"example.net\"");
        if (name == "to") {
            add("action", "action = \"reroute\"");
        } else if (name == "always_relay") {
            add("action", "action = \"relay\"\nhost = \"mailboxes\"");
        } else {
            add("action", "action = \"inbound\"");
        }
    }
    if (key.section == "directory" || key.section == "directory.map") {
        bool const map = key.section == "directory.map";
        add(map ? "" : "uri", "uri = \"ldap://ldap1.example.com\"");
        add(map ? "" : "base", "base = \"dc=example,dc=com\"");
        add(map ? "" : "profile", map ? "profile = \"custom\"" : "profile = \"laser\"");
        if (name == "password") text += "bind_dn = \"cn=a\"\n";
        if (name == "bind_dn") text += "password = \"env:LDAP_PASSWORD\"\n";
        if (map) {
            text += "[directory.second.map]\n";
            if (name != "addresses") text += "addresses = \"mail\"\n";
            if (name == "both") text += "alternate = \"altRecipient\"\n";
            if (name == "group") text += "members = \"member\"\n";
            if (name == "custom_recipient") text += "target = \"mailForward\"\n";
        }
    }
    return text;
}

std::string heading_of(config::KeyInfo const& key) {
    if (key.section == "directory.map") return "[directory.second]";
    if (key.section == "directory") return "[directory.second]";
    if (key.section == "host") return "[host.second]";
    return std::string(config::find_section(key.section)->example);
}

// A whole configuration around one key, which stands in the last line.
std::string file_with(config::KeyInfo const& key, std::string_view value) {
    std::string text;
    auto const add = [&](std::string_view section, std::string const& lines) {
        if (section != key.section) text += lines;
    };
    add("server", "[server]\nhostname = \"relay1.example.com\"\n");
    add("listen", "[[listen]]\naddress = \"127.0.0.1:2526\"\n");
    if (key.name == "tls")
        add("tls", "[tls]\ncertificate = \"fullchain.pem\"\nkey = \"key.pem\"\n");
    text += "[host.mailboxes]\naddress = \"mbx1.example.com\"\n";
    text += "[directory.main]\nuri = \"ldap://localhost\"\nbase = \"dc=a\"\nprofile = \"laser\"\n";
    add("routing", "[routing]\nmailbox_host = \"mailboxes\"\n");
    text += heading_of(key) + "\n" + company_of(key);
    return text + std::string(key.name) + " = " + std::string(value) + "\n";
}

std::size_t lines_of(std::string const& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

config::Value value_of(std::string_view toml) {
    auto const parsed = config::parse_document("v = " + std::string(toml));
    return std::get<config::Table>(parsed).entries.front().value;
}

// The committed page is the generated one; ACCEPT=1 writes it.
void check_page(fs::path const& page, std::string const& text) {
    if (std::getenv("ACCEPT") != nullptr) std::ofstream(page) << text;
    auto const committed = config::read_file(page);
    REQUIRE(committed.has_value());
    CHECK(*committed == text);
}

}  // namespace

TEST_CASE("every key has a text, and a default, or says what happens without") {
    for (auto const& key : config::all_keys()) {
        INFO(key.section << "." << key.name);
        CHECK_FALSE(key.text.empty());
        CHECK_FALSE(key.good.empty());
        CHECK_FALSE(key.bad.empty());
        CHECK(config::find_section(key.section) != nullptr);
        // Exactly one of the three.
        CHECK(int{key.required} + int{!key.fallback.empty()} + int{!key.otherwise.empty()} == 1);
        CHECK(config::find_key(key.section, key.name) == &key);  // no name twice
    }
}

TEST_CASE("every default fits its key") {
    for (auto const& key : config::all_keys()) {
        if (key.fallback.empty()) continue;
        INFO(key.section << "." << key.name << " = " << key.fallback);
        config::Findings findings;
        config::check_value(key, value_of(key.fallback), findings);
        CHECK(findings.empty());
    }
}

TEST_CASE("every good example is taken") {
    Scratch const scratch;
    for (auto const& key : config::all_keys()) {
        auto const text = file_with(key, key.good);
        auto const loaded = scratch.load(text);
        INFO(text << loaded.report);
        CHECK(loaded.config.has_value());
    }
}

TEST_CASE("every bad example is an error in its line") {
    Scratch const scratch;
    for (auto const& key : config::all_keys()) {
        auto const text = file_with(key, key.bad);
        auto const loaded = scratch.load(text);
        INFO(text << loaded.report);
        CHECK_FALSE(loaded.config.has_value());
        auto const& all = loaded.findings.all();
        CHECK(std::any_of(all.begin(), all.end(), [&](config::Finding const& finding) {
            return finding.severity == config::Severity::error &&
                   finding.position.line == lines_of(text);
        }));
    }
}

TEST_CASE("the keys of a custom profile and the names of profiles are those of the schema") {
    std::set<std::string> ours;
    for (auto const* key : config::keys_of("directory.map")) ours.emplace(key->name);
    auto const theirs = schema::custom_keys();
    CHECK(ours == std::set<std::string>(theirs.begin(), theirs.end()));

    auto const words = config::words_of(*config::find_key("directory", "profile"));
    auto const names = schema::profile_names();
    CHECK(
        std::set<std::string>(words.begin(), words.end()) ==
        std::set<std::string>(names.begin(), names.end())
    );
}

TEST_CASE("the default file is a configuration without findings") {
    auto const loaded = Scratch().load(config::default_file());
    CHECK(loaded.report.empty());
    REQUIRE(loaded.config);
    CHECK(loaded.config->routing.mailbox_host->name == "mailboxes");
}

TEST_CASE("every key stands in the default file") {
    auto const text = config::default_file();
    for (auto const& key : config::all_keys()) {
        INFO(key.section << "." << key.name);
        auto const line = "\n" + std::string(key.name) + " = ";
        auto const comment = "\n#" + std::string(key.name) + " = ";
        CHECK((text.find(line) != std::string::npos || text.find(comment) != std::string::npos));
    }
}

TEST_CASE("docs/config.md is generated") {
    check_page(SPLITMX_SOURCE_DIR "/docs/config.md", config::reference_markdown());
}

TEST_CASE("a key is explained by its name, with or without its section") {
    auto const text = config::explain_key("server.max_hops");
    REQUIRE(text.has_value());
    CHECK(
        *text ==
        "[server] max_hops\n"
        "  A message with more Received fields is in a loop.\n"
        "  type     a whole number, 1 to 1000\n"
        "  default  30\n"
        "  example  max_hops = 50\n"
    );
    CHECK(config::explain_key("max_hops") == text);
    // Two sections have it.
    CHECK(config::explain_key("connections")->find("[host.NAME]") != std::string::npos);
    CHECK(config::explain_key("connections")->find("[limits]") != std::string::npos);
    CHECK_FALSE(config::explain_key("max_hop"));
}
