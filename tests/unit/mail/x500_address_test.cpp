#include "mail/x500_address.hpp"

#include "mail/path.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

namespace {

// Empty: the local part stands for no X500 address.
std::string meant_by(std::string const& local_part) {
    auto const part = LocalPart::parse(local_part);
    INFO(local_part);
    REQUIRE(part.has_value());
    auto const x500 = encapsulated_in(*part);
    return x500 ? x500->text() : "";
}

}  // namespace

// MS-OXCMAIL 2.1.3.1.8.
TEST_CASE("x500: what stands in an encapsulated address") {
    struct Row {
        std::string local_part;
        std::string x500;
    };
    auto const row = GENERATE(
        Row{"IMCEAEX-_O=MMS_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP+20+28FYDIBOHF23SPDLT+29_CN="
            "RECIPIENTS_CN=Anna",
            "/O=MMS/OU=EXCHANGE ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=Anna"},
        Row{"imceaex-_o=x_cn=a+5fb+2ec+2Ed", "/o=x/cn=a_b.c.d"},  // "_" itself, and any case
        Row{"IMCEAX500-_o=x_cn=a", "/o=x/cn=a"},
        Row{"IMCEAEX-_o=x_cn=a-b=c", "/o=x/cn=a-b=c"},
        Row{"IMCEAEX-+2Fo=x+2Fcn=a", "/o=x/cn=a"},
        Row{"IMCEAEX-_o=x_cn=a+zz+2", "/o=x/cn=a+zz+2"},          // no hexadecimal digits
        Row{"IMCEAEX-_o=x_cn=J+C3+B6rg", "/o=x/cn=J\xC3\xB6rg"},  // UTF-8
        Row{"IMCEAEX-_o=x_cn=J+F6rg", "/o=x/cn=J\xC3\xB6rg"},     // one character
        Row{"IMCEAEX-_o=x_cn=a+0D+0A", ""},                       // control characters
        Row{"IMCEAEX-_o=x_cn=a+00", ""},
        Row{"IMCEAEX-anna", ""},  // no such name
        Row{"IMCEAEX-", ""},
        Row{"IMCEAEX", ""},
        Row{"IMCEA-_o=x", ""},                      // no type
        Row{"IMCEASMTP-anna+40contoso+2Ecom", ""},  // another type: no way through us
        Row{"IMCEAFAX-1234567", ""},
        Row{"XIMCEAEX-_o=x", ""},
        Row{"anna", ""}
    );
    CHECK(meant_by(row.local_part) == row.x500);
}

TEST_CASE("x500: case does not count") {
    auto const a = X500Address::parse("/o=Contoso/cn=J\xC3\x96RG").value();
    auto const b = X500Address::parse("/O=CONTOSO/CN=j\xC3\xB6rg").value();
    CHECK(a == b);
    CHECK(a.key() == b.key());
    CHECK_FALSE(a == X500Address::parse("/o=Contoso/cn=Jorg").value());
}

TEST_CASE("x500: what is none") {
    for (std::string const text :
         {"", "/", "o=x/cn=a", "cn=a,o=x", "/nothing", "/o=x\n", "/o=\xFF"}) {
        INFO(text);
        CHECK_FALSE(X500Address::parse(text).has_value());
    }
}

// Names of Exchange are longer than the 64 octets that RFC 5321 4.5.3.1.1 grants.
TEST_CASE("x500: an encapsulated address may be long") {
    auto const with = [](std::string const& prefix, std::size_t octets) {
        std::string const domain = "@contoso.com";
        return prefix + std::string(octets - prefix.size() - domain.size(), 'a') + domain;
    };
    CHECK(ForwardPath::parse("<" + with("IMCEAEX-_O=", 571) + ">").has_value());
    CHECK_FALSE(ForwardPath::parse("<" + with("IMCEAEX-_O=", 572) + ">").has_value());
    CHECK(Mailbox::parse(with("imceaex-_o=", 300)).has_value());
    CHECK_FALSE(ForwardPath::parse(with("IMCEAEX", 90)).has_value());  // no divider: not one
    CHECK_FALSE(ForwardPath::parse(with("anna", 90)).has_value());
}
