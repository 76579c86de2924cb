// Every section and key of the configuration file, once. The checks of a file, its defaults, the
// suggestions, `splitmx config default` and docs/config.md all come from this table.
// Threads: constants. Source: contract of the configuration keys.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace splitmx::config {

enum class ValueType {
    boolean,
    count,              // a whole number between `min` and `max`
    size,               // "64KiB"
    duration,           // "30s"
    duration_or_never,  // "30s", "never"
    text,
    word,  // one of `words`
    path,
    secret,
    key_file,  // a path, or a secret that is not written here
    domain,          // a name or an address literal
    domain_pattern,  // a [[domain]] name
    mailbox,
    ip_address,
    network,
    listen_address,  // address:port
    dns_server,      // address[:port]
    host_address,    // an address of a [host.NAME]
    host_reference,  // the name of a [host.NAME], or one of `words`
    directory_uri,
};

std::string_view describe(ValueType type);  // "a duration", for messages and the reference

enum class SectionForm { single, repeated, named, named_map };  // [a], [[a]], [a.NAME], [a.NAME.b]

struct SectionInfo {
    std::string_view id;  // "host", "directory.map"
    SectionForm form;
    std::string_view heading;  // "[host.NAME]"
    std::string_view example;  // "[host.mailboxes]"
    std::string_view text;     // what it is for, one sentence
};

struct KeyInfo {
    std::string_view section;  // SectionInfo::id
    std::string_view name;
    ValueType type = ValueType::text;
    bool list = false;  // one value or a list of them
    bool required = false;
    bool starter = false;             // stands in `config default` without a comment sign
    bool at_restart = false;          // a reload does not change it
    std::string_view fallback = {};   // default, in TOML
    std::string_view otherwise = {};  // the default in words, when TOML cannot say it
    std::string_view good = {};       // an example, in TOML
    std::string_view bad = {};        // a value that is an error, in TOML
    std::string_view words = {};      // allowed words, "reject|ndr"
    std::int64_t min = 1;
    std::int64_t max = 1'000'000;
    std::string_view text = {};  // what it does
};

std::span<SectionInfo const> all_sections();
std::span<KeyInfo const> all_keys();

SectionInfo const* find_section(std::string_view id);
KeyInfo const* find_key(std::string_view section, std::string_view name);
std::vector<KeyInfo const*> keys_of(std::string_view section);
std::vector<std::string_view> words_of(KeyInfo const& key);

}  // namespace splitmx::config
