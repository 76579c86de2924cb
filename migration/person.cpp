#include "migration/person.hpp"

namespace splitmx::migration {

std::string_view to_id(Skip skip) {
    switch (skip) {
        case Skip::list:
            return "lists";
        case Skip::public_folder:
            return "public_folders";
        case Skip::system_mailbox:
            return "system_mailboxes";
        case Skip::no_mail:
            return "without_mail";
        case Skip::foreign_target:
            return "foreign_targets";
        case Skip::foreign_domain:
            return "other_domains";
        case Skip::disabled:
            return "disabled";
        case Skip::deleted:
            return "deleted";
        case Skip::catch_all:
            return "catch_alls";
        case Skip::refused_anyway:
            return "relocated";
        case Skip::other_delivery:
            return "other_delivery";
        case Skip::no_recipient:
            break;
    }
    return "no_recipients";
}

std::string_view to_id(Loss loss) {
    switch (loss) {
        case Loss::forwarding:
            return "forwarding";
        case Loss::restrictions:
            return "restrictions";
        case Loss::bad_address:
            return "bad_addresses";
        case Loss::address_as_name:
            break;
    }
    return "named_by_address";
}

}  // namespace splitmx::migration
