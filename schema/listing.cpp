#include "schema/listing.hpp"

#include "schema/recipient_mapping.hpp"

#include <utility>
#include <variant>

namespace splitmx::schema {

void Listing::add(std::size_t source, std::shared_ptr<ldap::Entry const> entry) {
    auto mapping = map(sources[source].profile, *entry);
    auto* const recipient = std::get_if<resolver::Recipient>(&mapping.outcome);
    if (recipient == nullptr) {
        ++sources[source].others;
        return;
    }
    recipients.push_back(
        {std::make_shared<resolver::Recipient const>(std::move(*recipient)),
         std::move(entry),
         std::move(mapping.remarks),
         source}
    );
}

}  // namespace splitmx::schema
