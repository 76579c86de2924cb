// Entries as anybody writes them, mapped by every profile.
// Input: a name and its value on each line.
#include "schema/recipient_mapping.hpp"

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

void check(mail::Mailbox const& mailbox) {
    auto const again = mail::Mailbox::parse_long(mailbox.to_wire());
    demand(again && *again == mailbox, "an address of a directory is one on the wire");
}

void check(schema::Mapping const& mapping) {
    demand(mapping.remarks.size() <= schema::max_remarks, "no more remarks than allowed");
    auto const* recipient = mapping.recipient();
    if (recipient == nullptr) return;
    for (auto const& address : recipient->addresses) check(address);
    for (auto const& address : recipient->member_addresses) check(address);
    if (recipient->primary) check(*recipient->primary);
    if (recipient->deliver_as) check(*recipient->deliver_as);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    auto const dn = ldap::Dn::parse(std::string(input.line()));
    if (!dn) return 0;
    ldap::Entry entry(*dn);
    while (!input.empty()) {
        auto const line = input.line();
        auto const colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        entry.add(line.substr(0, colon), std::string(line.substr(colon + 2)));
    }
    for (auto const& name : schema::profile_names()) {
        auto const* profile = schema::find_profile(name);
        if (profile != nullptr)
            check(schema::map(*profile, entry));  // none: of the file's own words
    }
    return 0;
}
