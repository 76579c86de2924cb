// The lines of the control socket: there and back, and whatever else may come.
#include "control/protocol.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "control/filter_json.hpp"

using namespace splitmx;
using namespace splitmx::control;

TEST_CASE("control: requests and answers there and back") {
    Request request{7, "queue.list", {}};
    request.arguments["host"] = "not\"es\n";
    auto const line = encode(request);
    CHECK(line.find('\n') == line.size() - 1);
    auto const read = decode_request(line.substr(0, line.size() - 1));
    REQUIRE(read.has_value());
    CHECK(read->id == 7);
    CHECK(read->verb == "queue.list");
    CHECK(text_of(read->arguments, "host") == "not\"es\n");

    auto const failed = decode_answer(R"({"id":2,"failed":{"exit":65,"text":"no"}})");
    REQUIRE(failed.has_value());
    CHECK(std::get<Failure>(failed->content).exit == 65);
    auto const done = decode_answer(encode(Answer{3, Done{{{"n", 1}}}}));
    REQUIRE(done.has_value());
    CHECK(number_of(std::get<Done>(done->content).content, "n") == 1);
}

TEST_CASE("control: what is no line of ours is refused, whatever it is") {
    std::string const deep = R"({"id":1,"verb":"a","arguments":{"x":)" + std::string(100, '[') +
                             std::string(100, ']') + "}}";
    for (auto const& line : std::vector<std::string>{
             "",
             "[]",
             "{}",
             "null",
             "{\"id\":1}",
             "{\"id\":\"1\",\"verb\":\"status\"}",
             "{\"id\":-1,\"verb\":\"status\"}",
             "{\"id\":1.5,\"verb\":\"status\"}",
             "{\"id\":1,\"verb\":7}",
             "{\"id\":1,\"verb\":\"status\"} x",
             "\xff\xfe",
             deep,
             std::string(max_line + 1, ' ')}) {
        INFO(line.substr(0, 60));
        CHECK_FALSE(decode_request(line).has_value());
        CHECK_FALSE(decode_answer(line).has_value());
    }
}

TEST_CASE("control: any octets travel as text") {
    std::string octets;
    for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
    CHECK(text_to_octets(octets_to_text(octets)) == octets);
    auto const line = encode(Answer{1, Row{{{"octets", octets_to_text(octets)}}}});
    auto const read = decode_answer(line.substr(0, line.size() - 1));
    REQUIRE(read.has_value());
    CHECK(text_to_octets(text_of(std::get<Row>(read->content).content, "octets")) == octets);
}

TEST_CASE("control: an address of any octets is no reason to refuse the line") {
    Request request{1, "resolve", {}};
    request.arguments["addresses"] = json::array{"anna@adatum.com", "\xff@adatum.com\x01\n"};
    auto const line = encode(request);
    auto const read = decode_request(line.substr(0, line.size() - 1));
    REQUIRE(read.has_value());
    CHECK(
        texts_of(read->arguments, "addresses") ==
        std::vector<std::string>{"anna@adatum.com", "\xff@adatum.com\x01\n"}
    );
}

TEST_CASE("control: filters there and back") {
    queue::Filter filter;
    filter.to = {"a@b.example", "@c.example"};
    filter.host = {"notes"};
    filter.older = std::chrono::hours(1);
    filter.ids = {*spool::SpoolId::parse("8FQ2K7M1D4")};
    auto const read = read_filter(to_json(filter));
    REQUIRE(read.has_value());
    CHECK(read->to == filter.to);
    CHECK(read->host == filter.host);
    CHECK(read->older == filter.older);
    CHECK(read->ids == filter.ids);
    CHECK(read->from.empty());
    CHECK(to_text(*read) == "--to a@b.example,@c.example --host notes --older 3600s 8FQ2K7M1D4");
    CHECK(to_text({}) == "all");
    CHECK_FALSE(read_filter({{"ids", {"***"}}}).has_value());
}
