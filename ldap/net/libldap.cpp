#include "ldap/net/libldap.hpp"

namespace splitmx::ldap::net {

namespace {

// A layer between libldap (or TLS) and the socket.
int note_set_up(Sockbuf_IO_Desc* layer, void* blocked) {
    layer->sbiod_pvt = blocked;
    return 0;
}

int note_remove(Sockbuf_IO_Desc*) { return 0; }

int note_control(Sockbuf_IO_Desc* layer, int option, void* argument) {
    return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

ber_slen_t note_read(Sockbuf_IO_Desc* layer, void* octets, ber_len_t size) {
    return LBER_SBIOD_READ_NEXT(layer, octets, size);
}

ber_slen_t note_write(Sockbuf_IO_Desc* layer, void* octets, ber_len_t size) {
    auto const written = LBER_SBIOD_WRITE_NEXT(layer, octets, size);
    *static_cast<bool*>(layer->sbiod_pvt) = written < static_cast<ber_slen_t>(size);
    return written;
}

Sockbuf_IO note_blocked_writes = {
    note_set_up, note_remove, note_control, note_read, note_write, nullptr};

// Above the socket, below TLS.
constexpr int note_level = (LBER_SBIOD_LEVEL_PROVIDER + LBER_SBIOD_LEVEL_TRANSPORT) / 2;

}  // namespace

int descriptor_of(LDAP* handle) noexcept {
    int fd = -1;
    ldap_get_option(handle, LDAP_OPT_DESC, &fd);
    return fd;
}

int to_libldap(Scope scope) noexcept {
    switch (scope) {
        case Scope::base:
            return LDAP_SCOPE_BASE;
        case Scope::one_level:
            return LDAP_SCOPE_ONELEVEL;
        case Scope::subtree:
            break;
    }
    return LDAP_SCOPE_SUBTREE;
}

// libldap wants char*, and does not write to it.
std::vector<char*> to_array(std::vector<std::string> const& names) {
    std::vector<char*> out;
    for (auto const& name : names) out.push_back(const_cast<char*>(name.c_str()));
    if (!out.empty()) out.push_back(nullptr);
    return out;
}

void watch_writes(LDAP* handle, bool& blocked) {
    Sockbuf* buffer = nullptr;
    ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer);
    ber_sockbuf_add_io(buffer, &note_blocked_writes, note_level, &blocked);
}

}  // namespace splitmx::ldap::net
