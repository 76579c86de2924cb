// Texts of a configuration file that stand for quantities and places.
// Durations: "500ms", "30s", "5m", "4h", "5d". Sizes: "100B", "64KiB", "50MiB", "1GiB", "1TiB".
// Threads: free functions. Errors: say what was expected, quoting the text.
#pragma once

#include "config/config.hpp"
#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::config {

mail::Result<mail::Duration> parse_duration(std::string_view text);  // more than nothing
mail::Result<std::uint64_t> parse_size(std::string_view text);       // more than nothing

// "192.0.2.1:25", "[2001:db8::1]:25"; without a port only when there is a default.
mail::Result<Endpoint> parse_endpoint(
    std::string_view text, std::optional<std::uint16_t> default_port
);

// A name or an address literal; a bare IP address stands for its literal.
mail::Result<mail::Domain> parse_domain(std::string_view text);

// How the name (or pattern) is read: in lower case, without blanks and a trailing dot.
std::string tidy_domain(std::string_view text);

// "credential:NAME" is NAME or splitmx_NAME in $CREDENTIALS_DIRECTORY (systemd), and without that
// credentials/NAME below `folder`; "file:PATH" is a file below `folder` unless absolute, "env:NAME" an
// environment variable; anything else is the secret itself.
// A line end at the end of a file is no part of the secret.
mail::Result<std::string> read_secret(std::string_view text, std::filesystem::path const& folder);
bool is_inline_secret(std::string_view text);
bool is_key_text(std::string_view text);  // a private key where its file should be named

// The file that such a text names; none for an environment variable or the secret itself.
std::optional<std::filesystem::path> secret_file(
    std::string_view text, std::filesystem::path const& folder
);

// Whether others than its owner and its group can read the file, or anybody but the owner change it:
// one sentence about the `secret` that it holds ("key"). Empty: no, or there is no such file.
std::string trouble_with_mode(std::filesystem::path const& file, std::string_view secret);

// Another text as soon as it is another file, or was written anew; empty where there is none.
std::string file_stamp(std::filesystem::path const& file);

// The whole of a file. Fails with the system's reason.
mail::Result<std::string> read_file(std::filesystem::path const& path);

}  // namespace splitmx::config
