// A recipient as it travels from the relay to the tool: everything that lint, search and export
// look at, and nothing made prettier. Texts are octets (control::octets_to_text). Private, like the
// rest of the protocol. Threads: pure functions. Errors: an object that to_wire() did not make,
// with what is wrong; nothing is guessed.
#pragma once

#include "mail/result.hpp"
#include "schema/listing.hpp"

#include "control/protocol.hpp"

namespace splitmx::control {

[[nodiscard]] json::object to_wire(schema::ListedRecipient const& listed);

// Without an entry; `source` is 0.
[[nodiscard]] mail::Result<schema::ListedRecipient> read_recipient(json::object const& object);

}  // namespace splitmx::control
