#include "tls/openssl.hpp"

#include "mail/ip_address.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace splitmx::tls {

namespace {

constexpr int names_shown = 4;

struct NamesDeleter {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

std::string text_of(ASN1_STRING const* value) {
    auto const* octets = ASN1_STRING_get0_data(value);
    return {
        reinterpret_cast<char const*>(octets), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

// RFC 6125 6.4.4: the common name counts only where there is no other.
std::string common_name(X509 const& certificate) {
    auto const* subject = X509_get_subject_name(&certificate);
    auto const index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0) return {};
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

std::string address_text(ASN1_OCTET_STRING const* address) {
    auto const* octets = ASN1_STRING_get0_data(address);
    auto const size = static_cast<std::size_t>(ASN1_STRING_length(address));
    if (size == 4) {
        return mail::IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]}).to_text();
    }
    std::array<std::uint8_t, 16> all{};
    if (size == all.size()) std::copy_n(octets, size, all.begin());
    return mail::IpAddress::from_v6(all).to_text();
}

}  // namespace

BioPtr reader_of(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string take_reason(std::string_view otherwise) {
    auto const error = ERR_peek_last_error();
    ERR_clear_error();
    if (error == 0) return std::string(otherwise);
    if (auto const* reason = ERR_reason_error_string(error)) return reason;
    return std::string(otherwise);
}

std::string names_in(X509 const& certificate) {
    std::unique_ptr<GENERAL_NAMES, NamesDeleter> const names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)
    ));
    std::string all;
    int shown = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto const* name = sk_GENERAL_NAME_value(names.get(), i);
        bool const is_name = name->type == GEN_DNS;
        if (!is_name && name->type != GEN_IPADD) continue;
        if (shown++ == names_shown) return all + ", ...";
        if (!all.empty()) all += ", ";
        all += is_name ? text_of(name->d.dNSName) : address_text(name->d.iPAddress);
    }
    return all.empty() ? common_name(certificate) : all;
}

}  // namespace splitmx::tls
