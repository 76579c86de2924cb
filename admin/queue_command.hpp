// `splitmx queue list|shape|show|export`: what is in the queue, and why.
// Threads: blocking. Errors: printed, with an exit code; a message that is not there is 65.
#pragma once

#include "admin/queue_filter_words.hpp"
#include "admin/verb.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "queue/row.hpp"

namespace splitmx::admin {

struct ListOptions {
    FilterWords filter;
    bool json = false;
};
// Messages as they lie on the disk.
std::variant<std::vector<queue::Row>, ExitCode> read_rows_offline(
    queue::Filter const& filter, Context const& context, std::string_view verb
);
ExitCode list_queue_offline(ListOptions const& options, Context const& context);

struct ShapeOptions {
    FilterWords filter;
    std::string by = "host";  // or "domain"
    bool json = false;
    bool offline = false;
};
ExitCode show_queue_shape(ShapeOptions const& options, Context const& context);

struct MessageOptions {
    std::string id;
    bool json = false;  // show: the row. export: the envelope in place of the message
};
ExitCode show_message_offline(MessageOptions const& options, Context const& context);
// What to say, beside the octets, of a message that was set aside.
std::string damaged_note(std::string const& id);
ExitCode export_message_offline(MessageOptions const& options, Context const& context);

}  // namespace splitmx::admin
