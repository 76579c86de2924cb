#include "ldap/net/message.hpp"

#include <fmt/core.h>
#include <ldap.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::ldap::net {

namespace {

struct BerDeleter {
    // 0: the octets belong to the message.
    void operator()(BerElement* ber) const noexcept { ber_free(ber, 0); }
};

struct MemoryDeleter {
    void operator()(void* memory) const noexcept { ldap_memfree(memory); }
};

[[nodiscard]] std::string_view view(berval const& value) noexcept {
    return {value.bv_val != nullptr ? value.bv_val : "", value.bv_len};
}

[[nodiscard]] Errc from_local_code(int code) noexcept {
    switch (code) {
        case LDAP_SERVER_DOWN:
        case LDAP_CONNECT_ERROR:
        case LDAP_UNAVAILABLE:
            return Errc::unreachable;
        case LDAP_TIMEOUT:
            return Errc::timeout;
        case LDAP_FILTER_ERROR:
            return Errc::syntax;
        default:
            return code > 0 ? from_result_code(code) : Errc::protocol;
    }
}

[[nodiscard]] std::string one_line(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

}  // namespace

Result<Entry> to_entry(::ldap* handle, ::ldapmsg* message) {
    BerElement* raw = nullptr;
    berval name{};
    if (ldap_get_dn_ber(handle, message, &raw, &name) != LDAP_SUCCESS) {
        return Error(Errc::protocol, "the server sent an entry that cannot be read");
    }
    std::unique_ptr<BerElement, BerDeleter> const ber(raw);
    auto dn = Dn::parse(view(name));
    if (!dn) {
        return Error(
            Errc::protocol,
            fmt::format("the server sent '{}' as a DN: {}", view(name), dn.error().what)
        );
    }
    Entry entry(std::move(*dn));
    for (;;) {
        berval attribute{};
        berval* values = nullptr;
        auto const code = ldap_get_attribute_ber(handle, message, ber.get(), &attribute, &values);
        std::unique_ptr<berval, MemoryDeleter> const owner(values);
        if (code != LDAP_SUCCESS) {
            return Error(
                Errc::protocol,
                fmt::format("the server sent attributes of '{}' that cannot be read", view(name))
            );
        }
        if (attribute.bv_val == nullptr) return entry;
        std::vector<std::string> list;
        for (auto* value = values; value != nullptr && value->bv_val != nullptr; ++value) {
            list.emplace_back(view(*value));
        }
        entry.add(view(attribute), std::move(list));
    }
}

std::optional<Error> to_error(::ldap* handle, ::ldapmsg* message) {
    int code = LDAP_OTHER;
    char* raw_text = nullptr;
    auto const parsed =
        ldap_parse_result(handle, message, &code, nullptr, &raw_text, nullptr, nullptr, 0);
    std::unique_ptr<char, MemoryDeleter> const text(raw_text);
    if (parsed != LDAP_SUCCESS) {
        return Error(Errc::protocol, "the server sent a result that cannot be read");
    }
    if (code == LDAP_SUCCESS) return std::nullopt;
    bool const more = text != nullptr && *text != '\0';
    return Error(
        from_result_code(code),
        fmt::format(
            "the server answers {} ({}){}{}",
            code,
            ldap_err2string(code),
            more ? ": " : "",
            more ? one_line(text.get()) : ""
        )
    );
}

Error local_error(::ldap* handle, int code, std::string doing) {
    char* raw_text = nullptr;
    if (handle != nullptr) ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &raw_text);
    std::unique_ptr<char, MemoryDeleter> const text(raw_text);
    doing += ": ";
    doing += ldap_err2string(code);
    if (text != nullptr && *text != '\0') doing += " (" + one_line(text.get()) + ")";
    return {from_local_code(code), std::move(doing)};
}

}  // namespace splitmx::ldap::net
