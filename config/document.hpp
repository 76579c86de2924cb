// A TOML document as plain values, each with its place in the file: the only door to the TOML
// parser. Tables keep the order of the file. Dates and times exist in TOML but not in our
// configuration. Threads: plain values. Errors: the first syntax error, with its place. Source:
// TOML 1.0.
#pragma once

#include "config/source_position.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::config {

struct Value;
struct Entry;

using Array = std::vector<Value>;
struct Table {
    std::vector<Entry> entries;

    Entry const* find(std::string_view key) const;
};
struct DateOrTime {};

struct Value {
    std::variant<bool, std::int64_t, double, std::string, DateOrTime, Array, Table> content;
    SourcePosition position;

    std::string const* text() const { return std::get_if<std::string>(&content); }
    Array const* array() const { return std::get_if<Array>(&content); }
    Table const* table() const { return std::get_if<Table>(&content); }
};

struct Entry {
    std::string key;
    SourcePosition position;  // of the key
    Value value;
};

struct SyntaxError {
    SourcePosition position;
    std::string text;
};

std::variant<Table, SyntaxError> parse_document(std::string_view source);

}  // namespace splitmx::config
