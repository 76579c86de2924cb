#include "config/config_keys.hpp"

#include <algorithm>

namespace splitmx::config {

std::string_view describe(ValueType type) {
    switch (type) {
        case ValueType::boolean:
            return "true or false";
        case ValueType::count:
            return "a whole number";
        case ValueType::size:
            return "a size";
        case ValueType::duration:
            return "a duration";
        case ValueType::duration_or_never:
            return "a duration or \"never\"";
        case ValueType::text:
            return "text";
        case ValueType::word:
            return "a word";
        case ValueType::path:
            return "a path";
        case ValueType::secret:
            return "a secret";
        case ValueType::key_file:
            return "a path or a secret";
        case ValueType::domain:
            return "a domain";
        case ValueType::domain_pattern:
            return "a domain pattern";
        case ValueType::mailbox:
            return "a mail address";
        case ValueType::ip_address:
            return "an IP address";
        case ValueType::network:
            return "a network";
        case ValueType::listen_address:
            return "an IP address with a port";
        case ValueType::dns_server:
            return "an IP address";
        case ValueType::host_address:
            return "the address of a host";
        case ValueType::host_reference:
            return "the name of a host";
        case ValueType::directory_uri:
            return "a URI";
    }
    return {};
}

SectionInfo const* find_section(std::string_view id) {
    auto const sections = all_sections();
    auto const found = std::find_if(sections.begin(), sections.end(), [&](auto const& section) {
        return section.id == id;
    });
    return found == sections.end() ? nullptr : &*found;
}

KeyInfo const* find_key(std::string_view section, std::string_view name) {
    auto const keys = all_keys();
    auto const found = std::find_if(keys.begin(), keys.end(), [&](KeyInfo const& key) {
        return key.section == section && key.name == name;
    });
    return found == keys.end() ? nullptr : &*found;
}

std::vector<KeyInfo const*> keys_of(std::string_view section) {
    std::vector<KeyInfo const*> found;
    for (auto const& key : all_keys()) {
        if (key.section == section) found.push_back(&key);
    }
    return found;
}

std::vector<std::string_view> words_of(KeyInfo const& key) {
    std::vector<std::string_view> words;
    for (auto rest = key.words; !rest.empty();) {
        auto const bar = rest.find('|');
        words.push_back(rest.substr(0, bar));
        rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
    }
    return words;
}

}  // namespace splitmx::config
