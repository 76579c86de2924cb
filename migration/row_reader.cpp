#include "migration/row_reader.hpp"

#include "migration/proxy_addresses.hpp"
#include "schema/address_value.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

namespace splitmx::migration {

std::optional<Outcome> take_target(
    Person& person, std::string_view value, std::string_view column
) {
    auto const target = schema::read_target(value);
    if (!target) {
        return Rejection{fmt::format("a custom recipient without a target: {} is empty", column)};
    }
    if (target->type != "SMTP") return Skip::foreign_target;
    auto mailbox = mail::Mailbox::parse(target->value);
    if (!mailbox) {
        return Rejection{fmt::format(
            "its target \"{}\" ({}) is no address: {}",
            schema::to_remark_text(target->value),
            column,
            mailbox.error().what
        )};
    }
    person.target = std::move(*mailbox);
    return std::nullopt;
}

void take_others(ProxyAddresses const& read, Person& person, Report& report) {
    for (auto const& type : read.other_types) report.leave_out_value(type);
    person.x500.insert(person.x500.end(), read.x500.begin(), read.x500.end());
    person.losses.insert(person.losses.end(), read.malformed.size(), Loss::bad_address);
}

}  // namespace splitmx::migration
