// Files of other mail systems: every row is accounted for, and what is written is one good entry.
#include "fuzz/input.hpp"
#include "ldap/ldif.hpp"
#include "migration/import.hpp"
#include "schema/recipient_mapping.hpp"

#include <numeric>
#include <string>

using namespace splitmx;
using fuzz::demand;

namespace {

// The first octet chooses: '0' Exchange 5.5, '1' Exchange, '2' to '6' tables of Postfix, '7' LDIF;
// '8' and on the same for the profile splitmx.
migration::Settings settings_of(std::uint8_t choice) {
    migration::Settings settings;
    auto const number = static_cast<unsigned>(choice) & 7U;
    settings.format = number == 0   ? migration::Format::exchange55
                      : number == 1 ? migration::Format::exchange
                      : number == 7 ? migration::Format::ldif
                                    : migration::Format::postfix;
    if (settings.format == migration::Format::postfix) {
        settings.map = static_cast<migration::MapKind>(number - 2);
    }
    settings.from = schema::find_profile("exchange55");
    settings.entries.profile = schema::find_profile((choice & 8U) != 0 ? "splitmx" : "laser");
    settings.entries.base = ldap::Dn::parse("ou=people,dc=adatum,dc=com").value();
    settings.entries.domains = {mail::Domain::parse("adatum.com").value()};
    return settings;
}

std::size_t sum_of(migration::Report const& report) {
    auto const skipped =
        std::accumulate(report.skipped.begin(), report.skipped.end(), std::size_t{0});
    return report.mailboxes + report.custom_recipients + report.routes + report.rejected + skipped;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    auto const settings = settings_of(input.octet());
    auto const& profile = *settings.entries.profile;
    migration::Sink const sink{
        [&](std::string_view text) {
            auto const entries = ldap::parse_ldif(text);
            demand(entries && entries->size() == 1, "what is written is one entry");
            auto const mapped = schema::map(profile, entries->front());
            demand(mapped.recipient() != nullptr, "which is a recipient");
            demand(!mapped.recipient()->addresses.empty(), "with an address");
        },
        [](std::size_t line, std::string const& reason) {
            demand(line > 0 && !reason.empty(), "a row is rejected by line and reason");
        }};
    auto const import = migration::Import::begin(settings, sink);
    demand(import.has_value(), "it begins");
    // In pieces of several sizes, as reads may give them.
    for (std::size_t piece = 1; !input.empty(); piece = piece * 3 % 1009) {
        if ((*import)->feed(input.octets(piece))) return 0;
    }
    if ((*import)->finish()) return 0;
    demand(sum_of((*import)->report()) == (*import)->report().rows, "every row is accounted for");
    return 0;
}
