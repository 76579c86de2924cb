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

struct ControlsDeleter {
    void operator()(LDAPControl** controls) const noexcept { ldap_controls_free(controls); }
};

struct ValueDeleter {
    void operator()(berval* value) const noexcept { ber_bvfree(value); }
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

[[nodiscard]] std::vector<Control> to_controls(LDAPControl** controls) {
    std::vector<Control> out;
    for (; controls != nullptr && *controls != nullptr; ++controls) {
        out.push_back({(*controls)->ldctl_oid, std::string(view((*controls)->ldctl_value))});
    }
    return out;
}

// libldap has names for the codes of RFC 4511 and some of its own.
[[nodiscard]] std::string_view name_of(int code) {
    constexpr int sync_refresh_required = 4096;  // RFC 4533 2.6
    return code == sync_refresh_required ? "Content Sync Refresh Required" : ldap_err2string(code);
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

Result<Answer> to_answer(::ldap* handle, ::ldapmsg* message) {
    Answer answer{LDAP_OTHER, {}, {}};
    char* raw_text = nullptr;
    LDAPControl** raw_controls = nullptr;
    auto const parsed = ldap_parse_result(
        handle, message, &answer.code, nullptr, &raw_text, nullptr, &raw_controls, 0
    );
    std::unique_ptr<char, MemoryDeleter> const text(raw_text);
    std::unique_ptr<LDAPControl*, ControlsDeleter> const controls(raw_controls);
    if (parsed != LDAP_SUCCESS) {
        return Error(Errc::protocol, "the server sent a result that cannot be read");
    }
    answer.controls = to_controls(raw_controls);
    bool const more = text != nullptr && *text != '\0';
    answer.text = fmt::format(
        "the server answers {} ({}){}{}",
        answer.code,
        name_of(answer.code),
        more ? ": " : "",
        more ? one_line(text.get()) : ""
    );
    return answer;
}

std::optional<Error> to_error(::ldap* handle, ::ldapmsg* message) {
    auto answer = to_answer(handle, message);
    if (!answer) return answer.error();
    if (answer->code == LDAP_SUCCESS) return std::nullopt;
    return Error(from_result_code(answer->code), std::move(answer->text));
}

std::vector<std::string> references_in(::ldap* handle, ::ldapmsg* message) {
    char** raw = nullptr;
    std::vector<std::string> uris;
    if (ldap_parse_reference(handle, message, &raw, nullptr, 0) != LDAP_SUCCESS) return uris;
    for (auto** uri = raw; uri != nullptr && *uri != nullptr; ++uri) {
        uris.push_back(one_line(*uri));
    }
    ldap_memvfree(reinterpret_cast<void**>(raw));
    return uris;
}

std::string control_value(::ldap* handle, ::ldapmsg* message, std::string_view oid) {
    LDAPControl** raw = nullptr;
    if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE) {
        ldap_parse_reference(handle, message, nullptr, &raw, 0);
    } else {
        ldap_get_entry_controls(handle, message, &raw);
    }
    std::unique_ptr<LDAPControl*, ControlsDeleter> const owner(raw);
    for (auto** control = raw; control != nullptr && *control != nullptr; ++control) {
        if (oid == (*control)->ldctl_oid) return std::string(view((*control)->ldctl_value));
    }
    return {};
}

std::optional<std::string> intermediate_value(
    ::ldap* handle, ::ldapmsg* message, std::string_view oid
) {
    char* raw_name = nullptr;
    berval* raw_value = nullptr;
    if (ldap_parse_intermediate(handle, message, &raw_name, &raw_value, nullptr, 0) !=
        LDAP_SUCCESS) {
        return std::nullopt;
    }
    std::unique_ptr<char, MemoryDeleter> const name(raw_name);
    std::unique_ptr<berval, ValueDeleter> const value(raw_value);
    if (name == nullptr || oid != name.get()) return std::nullopt;
    return value != nullptr ? std::string(view(*value)) : std::string();
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
