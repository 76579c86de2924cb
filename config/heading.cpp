#include "config/heading.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::config {

namespace {

bool is_bare_key(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

}  // namespace

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char const c : text) {
        auto const octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (octet < 0x20 || octet == 0x7F)
            out += fmt::format("\\u{:04X}", octet);
        else
            out += c;
    }
    return out + '"';
}

std::string heading_of(std::string_view section, std::string_view name, std::string_view below) {
    auto const key = is_bare_key(name) ? std::string(name) : in_quotes(name);
    return fmt::format("[{}.{}{}{}]", section, key, below.empty() ? "" : ".", below);
}

}  // namespace splitmx::config
