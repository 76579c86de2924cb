#include "config/secret.hpp"

#include "config/values.hpp"

namespace splitmx::config {

std::optional<std::string> secret_of(
    Section const& section, std::string_view key, FileOrigin const& origin, Findings& findings
) {
    auto const text = section.text(key);
    auto const position = section.value_position(key);
    if (text.empty()) return std::nullopt;
    if (is_inline_secret(text)) {
        findings.warning(
            position,
            "the secret stands in the file itself",
            "credential:NAME, file:PATH or env:NAME keep it out"
        );
    }
    if (auto const file = secret_file(text, origin.folder)) {
        if (auto trouble = trouble_with_mode(*file, "secret"); !trouble.empty()) {
            findings.warning(
                position, std::move(trouble), "chmod 640 leaves it to its owner and their group"
            );
        }
    }
    auto secret = read_secret(text, origin.folder);
    if (secret) return std::move(*secret);
    findings.error(position, secret.error().what);
    return std::nullopt;
}

}  // namespace splitmx::config
