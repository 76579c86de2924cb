#include "ldap/sync_controls.hpp"

#include "support/sync_octets.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace splitmx::ldap;
using namespace splitmx::ldap::sync;
using namespace splitmx::test;
using namespace std::string_literals;

TEST_CASE("sync controls: the request, octet by octet") {
    CHECK(encode_request(std::nullopt) == "\x30\x03\x0a\x01\x03");
    CHECK(encode_request(Cookie{"rid=000"}) == "\x30\x0c\x0a\x01\x03\x04\x07rid=000");
    CHECK(encode_page_request(500, "") == "\x30\x06\x02\x02\x01\xf4\x04\x00"s);
    CHECK(
        encode_page_request(1, "c") ==
        "\x30\x06\x02\x01\x01\x04\x01"
        "c"s
    );
}

TEST_CASE("sync controls: the state of an entry") {
    auto const id = "0123456789abcdef"s;
    // As slapd 2.5 sends it: modify, with a cookie.
    auto const value =
        parse_state("\x30\x21\x0a\x01\x02\x04\x10" + id + "\x04\x0arid=000,x="s).value();
    CHECK(value.state == EntryChange::State::modify);
    CHECK(value.id == *EntryId::from_octets(id));
    CHECK(value.cookie == Cookie{"rid=000,x="});
    CHECK(parse_state(state_value(0, 'a')).value().state == EntryChange::State::present);
    CHECK(parse_state(state_value(1, 'a')).value().state == EntryChange::State::add);
    CHECK(parse_state(state_value(3, 'a')).value().state == EntryChange::State::remove);
    CHECK_FALSE(parse_state(state_value(1, 'a')).value().cookie.has_value());

    struct Row {
        std::string name, octets;
    };
    auto const row = GENERATE_COPY(
        Row{"nothing", ""},
        Row{"an empty sequence", "\x30\x00"s},
        Row{"a state of 4", "\x30\x15\x0a\x01\x04\x04\x10" + id},
        Row{"a state of -1", "\x30\x15\x0a\x01\xff\x04\x10" + id},
        Row{"an INTEGER", "\x30\x15\x02\x01\x01\x04\x10" + id},
        Row{"no id", "\x30\x03\x0a\x01\x01"},
        Row{"15 octets of id", "\x30\x14\x0a\x01\x01\x04\x0f" + id.substr(1)},
        Row{"cookie cut off",
            "\x30\x18\x0a\x01\x01\x04\x10" + id +
                "\x04\x05"
                "a"},
        Row{"more behind it", state_value(1, 'a') + "x"}
    );
    CAPTURE(row.name);
    CHECK(parse_state(row.octets).error().code == Errc::protocol);
}

namespace {

std::string describe(Result<InfoValue> const& value) {
    if (!value) return "error";
    if (std::holds_alternative<std::monostate>(*value)) return "nothing";
    if (auto const* set = std::get_if<IdSet>(&*value)) return to_line(*set);
    if (auto const* cookie = std::get_if<NewCookie>(&*value)) return to_line(*cookie);
    auto const& end = std::get<PhaseEnd>(*value);
    return to_line(RefreshEnds{end.phase, end.cookie}) + (end.refresh_done ? "" : ", more");
}

}  // namespace

TEST_CASE("sync controls: what travels between entries") {
    auto const a = std::string(16, 'a');
    struct Row {
        std::string octets, meaning;
    };
    auto const row = GENERATE_COPY(
        Row{"\x80\x02"
            "c1",
            "cookie [c1]"},
        Row{"\x80\x00"s, "nothing"},
        Row{"\xa1\x00"s, "end deletes"},
        Row{"\xa1\x02\x04\x00"s, "end deletes"},
        Row{"\xa1\x04\x04\x02"
            "c1",
            "end deletes [c1]"},
        Row{"\xa1\x03\x01\x01\x00"s, "end deletes, more"},
        Row{"\xa2\x07\x04\x02"
            "c1\x01\x01\xff",
            "end present [c1]"},
        Row{"\xa2\x03\x01\x01\x00"s, "end present, more"},
        Row{"\xa3\x02\x31\x00"s, "present {}"},
        Row{"\xa3\x14\x31\x12\x04\x10" + a, "present {a}"},
        Row{id_set(false, "abc", "c1"), "present {abc} [c1]"},
        Row{id_set(true, "xy"), "removed {xy}"},
        Row{id_set(true, std::string(1000, 'q')), "removed {" + std::string(1000, 'q') + "}"},
        Row{"", "error"},
        Row{"\x81\x00"s, "error"},
        Row{"\xa4\x00"s, "error"},
        Row{"\xa1", "error"},
        Row{"\xa1\x00x"s, "error"},
        Row{"\x80\x05"
            "c1",
            "error"},
        Row{"\xa1\x03\x04\x05"
            "c",
            "error"},
        Row{"\xa2\x02\x01\x01", "error"},
        Row{"\xa3\x00"s, "error"},
        Row{"\xa3\x13\x31\x11\x04\x0f" + a.substr(1), "error"},
        Row{"\xa3\x03\x31\x01\x04", "error"},
        Row{"\xa3\x03\x01\x01\xff", "error"}
    );
    CAPTURE(row.octets, row.meaning);
    CHECK(describe(parse_info(row.octets)) == row.meaning);
}

TEST_CASE("sync controls: the cookie of a page") {
    CHECK(parse_page_cookie("\x30\x05\x02\x01\x00\x04\x00"s).value().empty());
    CHECK(
        parse_page_cookie("\x30\x07\x02\x01\x09\x04\x02"
                          "ab"s)
            .value() == "ab"
    );
    for (auto const& octets :
         {""s, "\x30\x00"s, "\x30\x03\x02\x01\x00"s, "\x30\x05\x02\x01\x00\x04\x09"s}) {
        CHECK(parse_page_cookie(octets).error().code == Errc::protocol);
    }
}

TEST_CASE("sync controls: cookies that a server can have given") {
    struct Row {
        std::string cookie;
        bool good;
    };
    auto const csn = "20261126122701.999220Z#000000#000#000000"s;
    auto const row = GENERATE_COPY(
        Row{"rid=000,csn=" + csn, true},
        Row{"csn=" + csn, true},
        Row{"rid=001,sid=002,csn=" + csn + ";20261126122701.999220Z#0000aF#00b#000000", true},
        Row{"rid=000,csn=" + csn + ",delcsn=" + csn, true},
        Row{"garbage", false},
        Row{"rid=000", false},
        Row{"rid=000,csn=", false},
        Row{"rid=000,csn=garbage", false},
        Row{"rid=000,xcsn=" + csn, false},
        Row{"rid=000,csn=" + csn + ";", false},
        Row{"rid=000,csn=" + csn.substr(1), false},
        Row{"rid=000,csn=x" + csn.substr(1), false},
        Row{"rid=000,csn=a" + csn.substr(1), false}
    );
    CAPTURE(row.cookie);
    ServerFacts facts;
    facts.vendor = Vendor::openldap;
    CHECK(is_plausible(Cookie{row.cookie}, facts) == row.good);
    facts.vendor = Vendor::unknown;
    CHECK(is_plausible(Cookie{row.cookie}, facts));
}

TEST_CASE("sync controls: a cookie that 389's changelog reaches back to") {
    struct Row {
        std::string end;
        std::optional<std::uint64_t> first;
        bool good;
    };
    auto const row = GENERATE(
        Row{"#17", {}, true},
        Row{"#17", 0U, true},
        Row{"#17", 17U, true},
        Row{"#17", 18U, true},
        Row{"#17", 19U, false},  // 18 is forgotten
        Row{"#0", 1U, true},
        Row{"#", 1U, false},
        Row{"#x", 1U, false},
        Row{"#17x", 1U, false},
        Row{"#-1", 1U, false},
        Row{"#99999999999999999999", 1U, false}
    );
    CAPTURE(row.end);
    ServerFacts facts;
    facts.vendor = Vendor::directory_389;
    facts.first_change = row.first;
    Cookie const cookie{"host:389#cn=relay:dc=example,dc=com:(cn=#5)" + row.end};
    CHECK(is_plausible(cookie, facts) == row.good);
    CHECK_FALSE(is_plausible(Cookie{"csn=1"}, facts));
}

TEST_CASE("the newest change that a cookie stands for") {
    std::string const a = "20261126122701.999220Z#000000#000#000000";
    std::string const b = "20261126122702.000000Z#000000#001#000000";
    CHECK(newest_csn(Cookie{"rid=000,csn=" + a}) == a);
    CHECK(newest_csn(Cookie{"rid=000,sid=001,csn=" + b + ";" + a + ",delcsn=" + a}) == b);
    CHECK_FALSE(newest_csn(Cookie{"ldap:389#cn=x#42"}));
    CHECK_FALSE(newest_csn(Cookie{"rid=000,csn=garbage"}));
}
