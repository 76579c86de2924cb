// `splitmx resolve`, as far as both programs share it: what an address is asked with, how the
// decision is printed, and the exit code that it stands for. Threads: pure functions. Errors: of
// read_asker(), with the flag that is wrong. Source: contract of `splitmx resolve`.
#pragma once

#include "directory/source.hpp"
#include "resolver/resolve.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/protocol.hpp"

namespace splitmx::control {

// The flags as they were typed.
struct AskedWith {
    std::string from = "someone@outside.invalid";
    std::string client = "192.0.2.1";
    std::string local_address;
    std::string listener;
    std::optional<std::string> identity;
};

// What every address of one run is asked with.
struct Asker {
    mail::ReversePath from;
    resolver::Client client;
};

mail::Result<Asker> read_asker(AskedWith const& flags);

json::object to_json(AskedWith const& flags);
AskedWith read_flags(json::object const& arguments);

// Texts of addresses on their way to decisions: what is no address is decided already.
class Batch {
public:
    // `asker` and the texts outlive it.
    Batch(std::span<std::string const> addresses, Asker const& asker)
        : Batch(addresses, [&asker](std::size_t) -> Asker const& { return asker; }) {}
    // Each with an asker of its own, who outlives it, too.
    using AskerOf = std::function<Asker const&(std::size_t)>;
    Batch(std::span<std::string const> addresses, AskerOf const& asker_of);

    std::vector<resolver::Query> take_queries() { return std::move(queries_); }
    // Those of the queries, in their order; gives one for each text.
    std::vector<resolver::Decision> finish(std::vector<resolver::Decision>&& decided);

private:
    std::vector<std::optional<resolver::Decision>> decisions_;
    std::vector<resolver::Query> queries_;
    std::vector<std::size_t> places_;
};

enum class Format { summary, explanation, json };

std::string_view to_text(Format format);
Format read_format(json::object const& arguments);

// With the line end.
std::string print(
    std::string_view address,
    resolver::Decision const& decision,
    directory::Health const& directory,
    Format format
);

// 0, 67 or 75.
int exit_code_of(resolver::Decision const& decision);

}  // namespace splitmx::control
