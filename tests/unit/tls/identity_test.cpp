#include "tls/identity.hpp"

#include "support/certificates.hpp"

#include <catch2/catch.hpp>

namespace splitmx::tls {

using support::text_of_file;

namespace {

Identity::Made made_of(support::IssuedFiles const& files) {
    return Identity::from_pem(text_of_file(files.certificate), text_of_file(files.key));
}

}  // namespace

TEST_CASE("Identity: a certificate with its chain and its key") {
    support::TestAuthority authority;
    auto const files = authority.issue("DNS:relay1.example.com,DNS:mail.example.com,IP:192.0.2.1");
    auto const chain = text_of_file(files.certificate) + text_of_file(authority.ca_file());
    auto const identity = Identity::from_pem(chain, text_of_file(files.key));
    REQUIRE(identity.has_value());
    CHECK(identity->name() == "relay1.example.com, mail.example.com, 192.0.2.1");
    CHECK(identity->not_after() > identity->not_before());
}

TEST_CASE("Identity: what is wrong is said of the file it is in") {
    support::TestAuthority authority;
    auto const files = authority.issue("DNS:relay1.example.com");
    auto const other = authority.issue("DNS:other.example.com");
    auto const good = text_of_file(files.certificate);
    auto const key = text_of_file(files.key);
    authority.run("ec -in " + files.key + " -aes256 -passout pass:x -out " + files.key + ".locked");
    authority.run("genrsa -out " + authority.file("weak.key") + " 1024");
    authority.run(
        "req -x509 -key " + authority.file("weak.key") + " -subj /CN=weak -out " +
        authority.file("weak.pem")
    );
    auto damaged = good;
    damaged.replace(damaged.size() / 2, 4, "!!!!");

    using About = IdentityError::About;
    struct Row {
        char const* name;
        std::string certificate;
        std::string key;
        About about;
        char const* what;
    };
    std::vector<Row> const rows{
        {"nothing", "", key, About::certificate, "there is no certificate (PEM) in it"},
        {"the key instead", key, key, About::certificate, "there is no certificate (PEM) in it"},
        {"damaged", damaged, key, About::certificate, "a certificate in it is damaged: "},
        {"damaged chain",
         good + damaged,
         key,
         About::certificate,
         "a certificate in it is damaged: "},
        {"no key", good, "", About::key, "there is no private key (PEM) in it: "},
        {"the certificate instead",
         good,
         good,
         About::key,
         "there is no private key (PEM) in it: "},
        {"somebody else's key",
         good,
         text_of_file(other.key),
         About::key,
         "the key does not belong to the certificate of relay1.example.com"},
        {"a locked key",
         good,
         text_of_file(files.key + ".locked"),
         About::key,
         "the key is encrypted, and nobody is there to unlock it"},
        {"a weak key",
         text_of_file(authority.file("weak.pem")),
         text_of_file(authority.file("weak.key")),
         About::certificate,
         "the certificate cannot be used: ee key too small"},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        auto const identity = Identity::from_pem(row.certificate, row.key);
        REQUIRE_FALSE(identity.has_value());
        CHECK(identity.error().about == row.about);
        CHECK(identity.error().what.substr(0, std::string(row.what).size()) == row.what);
    }
}

TEST_CASE("Identity: its time") {
    support::TestAuthority authority;
    auto const identity = made_of(authority.issue("DNS:relay1.example.com", 100));
    REQUIRE(identity.has_value());
    auto const begin = identity->not_before();
    auto const end = identity->not_after();
    using namespace std::chrono_literals;
    CHECK(validity_trouble(*identity, begin).empty());
    CHECK(validity_trouble(*identity, end - warn_ahead - 1s).empty());
    CHECK_THAT(
        validity_trouble(*identity, begin - 1s),
        Catch::Matchers::StartsWith("the certificate is not valid before ")
    );
    CHECK_THAT(
        validity_trouble(*identity, end - warn_ahead),
        Catch::Matchers::StartsWith("the certificate expires soon, ")
    );
    CHECK_THAT(
        validity_trouble(*identity, end),
        Catch::Matchers::StartsWith("the certificate has expired, ")
    );
    auto const old = made_of(authority.issue("DNS:relay1.example.com", -1));
    REQUIRE(old.has_value());
    CHECK_THAT(
        validity_trouble(*old, old->not_before()), Catch::Matchers::StartsWith("the certificate has expired, ")
    );
}

}  // namespace splitmx::tls
