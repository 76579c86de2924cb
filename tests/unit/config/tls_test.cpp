// [tls]: its two files, and what is wrong with them.
#include "config/read.hpp"
#include "config/tls_files.hpp"
#include "support/certificates.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using namespace splitmx;

namespace {

class Folder {
public:
    Folder() {
        put(authority.issue("DNS:relay1.example.com"));
        std::ofstream(folder.file("splitmx.toml"))
            << "[server]\nhostname = \"relay1.example.com\"\n"
               "[[listen]]\naddress = \"127.0.0.1:2525\"\n"
               "tls = \"required\"\n[tls]\n"
               "certificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    }
    void put(support::IssuedFiles const& files) const {
        auto const over = fs::copy_options::overwrite_existing;
        fs::copy_file(files.certificate, folder.file("cert.pem"), over);
        fs::copy_file(files.key, folder.file("key.pem"), over);
    }
    config::Loaded load() const {
        return config::load(folder.file("splitmx.toml"), config::Purpose::serve);
    }
    void set_mode(unsigned mode) const {
        fs::permissions(folder.file("key.pem"), static_cast<fs::perms>(mode));
    }

    support::TestAuthority authority;
    support::TemporaryDirectory folder;
};

std::string first_finding(Folder const& folder) {
    auto const loaded = folder.load();
    REQUIRE_FALSE(loaded.findings.empty());
    auto text = loaded.findings.all().front().text;
    auto const prefix = folder.folder.path().string() + "/";
    auto const at = text.find(prefix);
    return at == std::string::npos ? text : text.erase(at, prefix.size());
}

}  // namespace

TEST_CASE("a certificate and its key are taken") {
    Folder const folder;
    auto const loaded = folder.load();
    INFO(loaded.report);
    REQUIRE(loaded.config);
    REQUIRE(loaded.config->tls.identity);
    CHECK(loaded.report.empty());
    CHECK(loaded.config->tls.identity->name() == "relay1.example.com");
    CHECK(loaded.config->listeners[0].tls == config::ListenerTls::required);
    config::TlsFiles const same{
        folder.folder.file("cert.pem"), "file:key.pem", folder.folder.path()};
    CHECK(config::load_identity(same).has_value());
}

TEST_CASE("what is wrong with a certificate is said with its file") {
    Folder folder;
    SECTION("it has expired") {
        folder.put(folder.authority.issue("DNS:relay1.example.com", -1));
        CHECK_THAT(
            first_finding(folder), Catch::Matchers::StartsWith("the certificate has expired, ")
        );
        CHECK(folder.load().config);  // a warning: mail is worth more than a date
    }
    SECTION("the key is another one's") {
        auto const other = folder.authority.issue("DNS:other.example.com");
        fs::copy_file(
            other.key, folder.folder.file("key.pem"), fs::copy_options::overwrite_existing
        );
        CHECK(
            first_finding(folder) ==
            "key.pem: the key does not belong to the certificate of relay1.example.com"
        );
        CHECK_FALSE(folder.load().config);
    }
    SECTION("the certificate is none") {
        std::ofstream(folder.folder.file("cert.pem")) << "nothing\n";
        CHECK(first_finding(folder) == "cert.pem: there is no certificate (PEM) in it");
    }
    SECTION("the key is not there") {
        fs::remove(folder.folder.file("key.pem"));
        CHECK(first_finding(folder) == "key.pem: No such file or directory");
    }
}

TEST_CASE("a key that others can read or change is refused") {
    Folder const folder;
    struct Row {
        unsigned mode;
        char const* text;
    };
    auto const row = GENERATE(
        Row{0600, ""},
        Row{0400, ""},
        Row{0640, ""},
        Row{0644, "key.pem: others may read the key (mode 0644)"},
        Row{0604, "key.pem: others may read the key (mode 0604)"},
        Row{0660, "key.pem: others may change the key (mode 0660)"},
        Row{0602, "key.pem: others may change the key (mode 0602)"}
    );
    folder.set_mode(row.mode);
    if (std::string_view(row.text).empty())
        CHECK(folder.load().config);
    else
        CHECK(first_finding(folder) == row.text);
}

TEST_CASE("files that were written anew have another stamp") {
    Folder folder;
    auto const files = folder.load().config->tls.files.value();
    auto const before = config::stamp_of(files);
    CHECK(config::stamp_of(files) == before);
    folder.put(folder.authority.issue("DNS:relay1.example.com"));
    CHECK(config::stamp_of(files) != before);
}
