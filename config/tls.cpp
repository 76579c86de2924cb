#include "config/tls.hpp"

#include <fmt/format.h>

#include <chrono>

namespace splitmx::config {

namespace {

void check_pair(Section const& section, Findings& findings) {
    for (auto const& [one, other] : {std::pair("certificate", "key"), {"key", "certificate"}}) {
        if (!section.has(one) || section.has(other)) continue;
        findings.error(
            section.key_position(one), fmt::format("a {} needs its {} beside it", one, other)
        );
    }
}

// What a listener asks for, without a certificate.
void check_tls_of_listeners(Table const& document, Findings& findings) {
    auto const* entry = document.find("listen");
    auto const* items = entry != nullptr ? entry->value.array() : nullptr;
    if (items == nullptr) return;
    for (auto const& item : *items) {
        Section const section("listen", item.table(), item.position);
        auto const word = section.text("tls");
        if (!section.has("tls") || word == "off") continue;
        auto const position = section.value_position("tls");
        constexpr auto hint = "[tls] certificate and key name its files";
        if (word == "optional")
            findings.warning(position, "without a certificate STARTTLS is not offered", hint);
        else
            findings.error(position, fmt::format("tls = \"{}\" needs a certificate", word), hint);
    }
}

}  // namespace

Tls read_tls(Table const& document, FileOrigin const& origin, Findings& findings) {
    auto const section = Section::single("tls", document);
    Tls tls;
    if (auto trust = tls::Context::for_client("")) tls.system_trust = std::move(*trust);
    check_pair(section, findings);
    if (!section.has("certificate") && !section.has("key"))
        check_tls_of_listeners(document, findings);
    auto const key = section.text("key");
    if (!section.has("certificate") || key.empty()) return tls;
    tls.files = TlsFiles{origin.resolve(section.text("certificate")), key, origin.folder};
    auto identity = load_identity(*tls.files);
    if (!identity) {
        bool const of_key = identity.error().about == tls::IdentityError::About::key;
        findings.error(
            section.value_position(of_key ? "key" : "certificate"), identity.error().what
        );
        return tls;
    }
    auto trouble = tls::validity_trouble(*identity, std::chrono::system_clock::now());
    if (!trouble.empty()) {
        findings.warning(section.value_position("certificate"), std::move(trouble));
    }
    tls.identity = std::move(*identity);
    return tls;
}

}  // namespace splitmx::config
