// How a directory stands, for people: 80 columns, and nothing that does not apply.
#include "admin/directory_text.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

control::json::object parsed(char const* text) { return control::json::parse(text).as_object(); }

}  // namespace

TEST_CASE("a directory with held removals and a problem") {
    auto const text = admin::directory_text(
        parsed(R"({"name":"main","profile":"laser","method":"poll","state":"LIVE","sync":"auto",
            "servers":["ldap://a","ldap://b"],"server":"ldap://b","connected":true,
            "refreshing":true,"base":"dc=x","entries":{"mailboxes":41812,"custom_recipients":1,
            "groups":0,"others":3},"last_heard":990,"last_change":0,"snapshot":400,
            "held":{"lost":1200,"entries":41815,"since":880,"domains":["a.example","b.example"],
            "examples":["uid=a,dc=x"]},
            "problems":["removals are held until ...","the snapshot cannot be written: no space"]})"
        ),
        1000
    );
    CHECK(
        text ==
        "main       LIVE, heard of 10 s ago\n"
        "server     ldap://b, connected, in clear, reading\n"
        "standby    ldap://a\n"
        "base       dc=x, profile laser\n"
        "follows    polling, page by page\n"
        "holds      41 813 recipients: 41 812 mailboxes, 1 custom recipient, 0 groups; 3\n"
        "           without an address\n"
        "change     the last 16 min ago\n"
        "snapshot   10 min ago\n"
        "HELD       1 200 of 41 815 entries, with all recipients of a.example, b.example\n"
        "           missing, first seen 2 min ago; still served:\n"
        "             uid=a,dc=x\n"
        "             and 1 199 more\n"
        "           splitmx directory sync    looks again\n"
        "           splitmx directory accept  lets them go\n"
        "problem    the snapshot cannot be written: no space\n"
    );
}

TEST_CASE("a directory whose servers are told apart") {
    auto const directory =
        parsed(R"({"name":"main","profile":"laser","method":"syncrepl","state":"LIVE",
        "servers":["ldaps://a","ldaps://b","ldaps://c"],"server":"ldaps://a","connected":true,
        "connected_since":100,"protection":"TLSv1.3","refreshing":false,"base":"dc=x",
        "bind_dn":"cn=splitmx,dc=x","last_heard":998,"problems":[]})");
    CHECK(
        admin::directory_text(
            directory, 1000, {{"ldaps://b", ""}, {"ldaps://c", "connection refused"}}
        ) ==
        "main       LIVE, heard of 2 s ago\n"
        "server     ldaps://a, connected for 15 min, TLS 1.3\n"
        "standby    ldaps://b, tested now: ok\n"
        "standby    ldaps://c, tested now: connection refused\n"
        "bind       cn=splitmx,dc=x\n"
        "base       dc=x, profile laser\n"
        "follows    content synchronisation (RFC 4533), each change at once\n"
    );
}

TEST_CASE("a directory without a copy") {
    CHECK(
        admin::directory_text(
            parsed(R"({"name":"main","profile":"laser","method":"live","state":"DIRECT",
                "servers":["ldap://a"],"base":"dc=x","problems":[]})"),
            1000
        ) ==
        "main       DIRECT, the server is asked for each recipient\n"
        "server     ldap://a\n"
        "base       dc=x, profile laser\n"
        "follows    nothing: asked for each recipient\n"
    );
    CHECK(
        admin::outcome_text(
            parsed(R"({"name":"main","outcome":"failed","problem":"ldap://a: connection refused"})")
        ) == "main: cannot be read: ldap://a: connection refused\n"
    );
}
