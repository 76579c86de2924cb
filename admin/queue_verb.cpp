#include "admin/queue_command.hpp"
#include "admin/verbs.hpp"
#include "admin/world.hpp"

#include <memory>

namespace splitmx::admin {

namespace {

constexpr char const* offline_text = "read the spool here, without the daemon";

void add_list(Verb& queue) {
    struct Given {
        ListOptions options;
        bool offline = false;
    };
    auto const given = std::make_shared<Given>();
    auto verb = queue.verb("list", "messages, oldest first: who, where to, and the last answer");
    add_filter_flags(verb, given->options.filter);
    verb.flag("--json", given->options.json, "one JSON object a line");
    verb.flag("--offline", given->offline, offline_text);
    verb.words("ids", given->options.filter.ids, "these messages");
    verb.run([given](Context const& context) {
        say_offline(context, given->offline, "read");
        return list_queue_offline(given->options, context);
    });
}

using MessageCommand = ExitCode (*)(MessageOptions const&, Context const&);

void add_message_verb(
    Verb& queue,
    std::string const& name,
    std::string const& text,
    std::string const& json_text,
    MessageCommand command
) {
    struct Given {
        MessageOptions options;
        bool offline = false;
    };
    auto const given = std::make_shared<Given>();
    auto verb = queue.verb(name, text);
    verb.word("id", given->options.id, "the message, as `queue list` and the log name it");
    verb.flag("--json", given->options.json, json_text);
    verb.flag("--offline", given->offline, offline_text);
    verb.run([given, command](Context const& context) {
        say_offline(context, given->offline, "read");
        return command(given->options, context);
    });
}

}  // namespace

void add_queue(Verb& splitmx) {
    auto queue = splitmx.verb("queue", "what is in the queue, and why");
    add_list(queue);
    add_message_verb(
        queue,
        "show",
        "one message: its recipients, their hosts, and every last answer",
        "as one JSON object",
        show_message_offline
    );
    add_message_verb(
        queue,
        "export",
        "print a message as it was received, such as for a .eml file",
        "its envelope, as one JSON object",
        export_message_offline
    );
}

}  // namespace splitmx::admin
