// What `splitmx` and `splitmxd` say to each other over the control socket. Private: both come from
// one build, and scripts use `splitmx`. JSON lines, one object a line, UTF-8. A request has an id,
// a verb and arguments; its answer is any number of rows and then one end: done, or a failure with
// the exit code that it stands for.
//
//     {"id":1,"verb":"queue.list","arguments":{"host":"notes"}}
//     {"id":1,"row":{...}}
//     {"id":1,"done":{"messages":1}}
//     {"id":2,"failed":{"exit":65,"text":"..."}}
//
// Bounded: a request has at most max_line octets, values nest at most max_depth deep. A row is as long
// as what it tells, such as a group with all its members, and no tool reads beyond max_answer.
// Threads: pure functions. Errors: whatever is not such a line, with what is wrong.
#pragma once

#include "mail/result.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::control {

namespace json = boost::json;

inline constexpr std::size_t max_line = 256 * 1024;
inline constexpr std::size_t max_answer = 64 * 1024 * 1024;
inline constexpr std::size_t max_depth = 16;

struct Request {
    std::uint64_t id = 0;
    std::string verb;
    json::object arguments;
};

struct Row {
    json::object content;
};
struct Done {
    json::object content;
};
struct Failure {
    int exit = 70;  // as in sysexits.h
    std::string text;
};
struct Answer {
    std::uint64_t id = 0;
    std::variant<Row, Done, Failure> content;
};

// With the line end.
std::string encode(Request const& request);
std::string encode(Answer const& answer);

// Without the line end.
mail::Result<Request> decode_request(std::string_view line);
mail::Result<Answer> decode_answer(std::string_view line);

// Members of an object: empty, nothing or false where there is none of that type.
std::string text_of(json::object const& object, std::string_view name);
std::uint64_t number_of(json::object const& object, std::string_view name);
bool flag_of(json::object const& object, std::string_view name);
std::vector<std::string> texts_of(json::object const& object, std::string_view name);

// Any octets as text that JSON can carry, and back.
std::string octets_to_text(std::string_view octets);
std::string text_to_octets(std::string_view text);

}  // namespace splitmx::control
