#include "smtp/sasl.hpp"

#include "smtp/base64.hpp"

#include <catch2/catch.hpp>

namespace splitmx::smtp {

namespace {

using namespace std::string_literals;

std::string text_of(SaslServer::Step const& step) {
    if (auto const* challenge = std::get_if<SaslServer::Challenge>(&step)) {
        return "? " + challenge->text;
    }
    if (auto const* who = std::get_if<Credentials>(&step)) return who->login + "/" + who->password;
    return std::get<mail::Status>(step).to_log();
}

}  // namespace

TEST_CASE("base64: both ways, and one way only") {
    struct Row {
        std::string octets;
        char const* text;
    };
    auto const row = GENERATE(
        Row{"", ""},
        Row{"f", "Zg=="},
        Row{"fo", "Zm8="},
        Row{"foo", "Zm9v"},
        Row{"foob", "Zm9vYg=="},
        Row{"\xff\xfe\xfd", "//79"},
        Row{"\0a\0b"s, "AGEAYg=="}
    );
    CHECK(to_base64(row.octets) == row.text);
    CHECK(from_base64(row.text) == row.octets);
}

TEST_CASE("base64: anything else is none") {
    auto const text = GENERATE(
        "Z",
        "Zg",
        "Zg=",
        "Zg===",
        "====",
        "=Zg=",
        "Zg==Zg==",
        "Zm9v\n",
        "Zm 9",
        "Zm9-",
        "Zh==",
        "Zm9="
    );
    INFO(text);
    CHECK_FALSE(from_base64(text));
}

TEST_CASE("AUTH PLAIN, the server's side") {
    auto const encoded = [](std::string const& text) { return to_base64(text); };
    struct Row {
        char const* name;
        std::string message;
        char const* outcome;
    };
    auto const row = GENERATE_COPY(
        Row{"name and password", encoded("\0anna\0secret"s), "anna/secret"},
        Row{"for oneself", encoded("anna\0anna\0secret"s), "anna/secret"},
        Row{"for somebody else",
            encoded("bert\0anna\0secret"s),
            "535 5.7.8 Nobody may act for somebody else"},
        Row{"no password", encoded("\0anna\0"s), "anna/"},
        Row{"one part", encoded("anna"), "501 5.5.2 PLAIN needs a name and a password"},
        Row{"two parts", encoded("\0anna"s), "501 5.5.2 PLAIN needs a name and a password"},
        Row{"four parts", encoded("\0anna\0a\0b"s), "501 5.5.2 PLAIN needs a name and a password"},
        Row{"nothing", "=", "501 5.5.2 PLAIN needs a name and a password"},
        Row{"no base64 at all", "an!a", "501 5.5.2 This is not base64"},
        Row{"second thoughts", "*", "501 5.7.0 Authentication cancelled"}
    );
    INFO(row.name);
    CHECK(text_of(SaslServer(Mechanism::plain).start(row.message)) == row.outcome);
    SaslServer asked(Mechanism::plain);
    CHECK(text_of(asked.start(std::nullopt)) == "? ");
    if (row.message != "=") CHECK(text_of(asked.respond(row.message)) == row.outcome);
}

TEST_CASE("AUTH LOGIN, the server's side") {
    SaslServer server(Mechanism::login);
    SECTION("two questions") {
        CHECK(text_of(server.start(std::nullopt)) == "? VXNlcm5hbWU6");
        CHECK(text_of(server.respond("YW5uYQ==")) == "? UGFzc3dvcmQ6");
        CHECK(text_of(server.respond("c2VjcmV0")) == "anna/secret");
    }
    SECTION("the name comes with the command") {
        CHECK(text_of(server.start("YW5uYQ==")) == "? UGFzc3dvcmQ6");
        CHECK(text_of(server.respond("*")) == "501 5.7.0 Authentication cancelled");
    }
    SECTION("no base64") { CHECK(text_of(server.start("!")) == "501 5.5.2 This is not base64"); }
}

TEST_CASE("AUTH, the client's side understands the server's") {
    auto const mechanism = GENERATE(Mechanism::plain, Mechanism::login);
    SaslClient client(mechanism, {"anna", "pass word"});
    auto const command = client.command();
    auto const blank = command.find(' ', 5);
    SaslServer server(mechanism_named(command.substr(5, blank - 5)).value());
    std::optional<std::string_view> initial;
    if (blank != std::string::npos) initial = std::string_view(command).substr(blank + 1);
    auto step = server.start(initial);
    while (std::holds_alternative<SaslServer::Challenge>(step)) {
        auto const response = client.respond();
        REQUIRE(response);
        step = server.respond(*response);
    }
    CHECK(text_of(step) == "anna/pass word");
    CHECK_FALSE(client.respond());
}

}  // namespace splitmx::smtp
