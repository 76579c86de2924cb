#include "migration/proxy_addresses.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace splitmx;
using namespace splitmx::migration;

namespace {

// "a@b, c@d | X400 | bad"
std::string told(std::string const& list, std::string_view separators) {
    auto const read = read_proxy_addresses(list, separators);
    std::string text;
    for (auto const& mailbox : read.mailboxes) text += mailbox.to_wire() + " ";
    text += "|";
    for (auto const& type : read.other_types) text += " " + type;
    for (auto const& name : read.x500) text += " " + name;
    text += " |";
    for (auto const& value : read.malformed) text += " " + value;
    return text;
}

struct Row {
    std::string list;
    std::string_view separators;
    std::string told;
};

}  // namespace

TEST_CASE("proxy addresses: types, primary ones, separators within values") {
    auto const row = GENERATE(
        Row{"", exchange55_separators, "| |"},
        Row{"SMTP:a@b.example", exchange55_separators, "a@b.example | |"},
        // The primary one goes first, wherever it stands.
        Row{"smtp:c@d.example%SMTP:a@b.example",
            exchange55_separators,
            "a@b.example c@d.example | |"},
        Row{"smtp:a@b.example%SMTP:A@b.example", exchange55_separators, "A@b.example | |"},
        Row{"MS:NET/PO/ANNA%X400:c=US;a= ;p=Adatum;o=HQ;s=L;%SMTP:a@b.example",
            exchange55_separators,
            "a@b.example | MS X400 |"},
        // A per cent sign may be part of an address.
        Row{"SMTP:user%host@gw.example%smtp:x@b.example",
            exchange55_separators,
            "user%host@gw.example x@b.example | |"},
        Row{"%%SMTP:a@b.example%", exchange55_separators, "a@b.example | |"},
        Row{"SMTP:bad..dot@b.example%smtp:x@b.example",
            exchange55_separators,
            "x@b.example | | bad..dot@b.example"},
        Row{"SMTP:%smtp:x@b.example", exchange55_separators, "x@b.example | | "},
        Row{"SMTP:a@b.example;X500:/o=A/ou=B (C), D/cn=e;SIP:a@b.example",
            exchange_separators,
            "a@b.example | SIP /o=A/ou=B (C), D/cn=e |"},
        Row{"X400:C=US;A= ;P=Adatum;O=Ex;S=L;G=A;, smtp:a@b.example",
            exchange_separators,
            "a@b.example | X400 |"},
        Row{"SMTP:a@b.example smtp:c@d.example\nsmtp:e@f.example",
            exchange_separators,
            "a@b.example c@d.example e@f.example | |"},
        Row{"a@b.example; c@d.example,e@f.example",
            exchange_separators,
            "a@b.example c@d.example e@f.example | |"}
    );
    CAPTURE(row.list);
    CHECK(told(row.list, row.separators) == row.told);
}

TEST_CASE("proxy addresses: the name of a list is none") {
    CHECK(is_name_of_a_list("Microsoft.Exchange.Data.ProxyAddressCollection"));
    CHECK(is_name_of_a_list("System.Object[]"));
    CHECK_FALSE(is_name_of_a_list("SMTP:a@b.example"));
}
