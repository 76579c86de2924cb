// `splitmx resolve`, as far as both programs share it: what an address is asked with, how the
// decision is printed, and the exit code that it stands for. Threads: pure functions. Errors: of
// read_asker(), with the flag that is wrong. Source: contract of `splitmx resolve`.
#pragma once

#include "directory/source.hpp"
#include "resolver/resolve.hpp"

#include <optional>
#include <string>

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
