// LDIF: what is read can be written, and reads the same.
#include "ldap/ldif.hpp"

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

bool same(ldap::Entry const& a, ldap::Entry const& b) {
    if (a.attributes().size() != b.attributes().size()) return false;
    for (auto const& attribute : a.attributes()) {
        auto const values = b.values(attribute.name);
        if (!std::equal(
                attribute.values.begin(), attribute.values.end(), values.begin(), values.end()
            )) {
            return false;
        }
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const entries = ldap::parse_ldif(fuzz::Input(data, size).rest());
    if (!entries) return 0;
    for (auto const& entry : *entries) {
        auto const again = ldap::parse_ldif(ldap::to_ldif(entry));
        demand(again.has_value(), "what is written can be read");
        demand(again->size() == 1 && same(again->front(), entry), "it reads the same");
    }
    return 0;
}
