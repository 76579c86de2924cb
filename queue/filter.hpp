// Which messages an operator means: `--to @contoso.com --host notes --older 1h`.
// Everything that is given must be true; of several values of one flag one is enough. What is said
// of recipients must be true of one and the same recipient, and only recipients count that are
// still to be delivered to (of a message that was set aside: all). An empty filter means every
// message.
// Threads: values. Errors: a value that can mean nothing, quoted.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/row.hpp"

namespace splitmx::queue {

struct Filter {
    std::vector<spool::SpoolId> ids;
    std::vector<std::string> to;      // whole addresses, or "@example.com": all of a domain
    std::vector<std::string> from;    // the same; "<>": the null reverse-path
    std::vector<std::string> host;    // names of next hops: "notes", "mx:example.net"
    std::vector<std::string> domain;  // of recipients, with all below it
    std::vector<std::string> reason;  // part of the last answer, or of why it is held, in any case
    std::optional<mail::Duration> older;  // in the queue for at least so long
    std::optional<mail::Duration> newer;  // ... for less

    bool is_empty() const;
};

// Checks and tidies an address of `to` or `from`, or a domain.
mail::Result<std::string> parse_address_filter(std::string_view text);
mail::Result<std::string> parse_domain_filter(std::string_view text);

bool matches(Filter const& filter, Row const& row, mail::Instant now);
// Only what it says of recipients.
bool matches(Filter const& filter, Row const& row, RecipientRow const& recipient);

}  // namespace splitmx::queue
