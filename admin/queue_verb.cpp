#include "admin/queue_change.hpp"
#include "admin/queue_online.hpp"
#include "admin/verbs.hpp"

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
        if (given->offline) return list_queue_offline(given->options, context);
        return list_queue_online(given->options, context);
    });
}

void add_shape(Verb& queue) {
    auto const options = std::make_shared<ShapeOptions>();
    auto verb = queue.verb("shape", "how many wait for each next hop, by age in minutes");
    verb.option("--by", "WHAT", options->by, "lines are next hops (host) or domains (domain)");
    add_filter_flags(verb, options->filter);
    verb.flag("--json", options->json, "one JSON object a line");
    verb.flag("--offline", options->offline, offline_text);
    verb.run([options](Context const& context) { return show_queue_shape(*options, context); });
}

using MessageCommand = ExitCode (*)(MessageOptions const&, Context const&);

void add_message_verb(
    Verb& queue,
    std::string const& name,
    std::string const& text,
    std::string const& json_text,
    MessageCommand online,
    MessageCommand offline
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
    verb.run([given, online, offline](Context const& context) {
        return (given->offline ? offline : online)(given->options, context);
    });
}

void add_change(Verb& queue, std::string const& name, std::string const& text) {
    auto const given = std::make_shared<ChangeOptions>();
    given->operation = name;
    auto verb = queue.verb(name, text);
    bool const is_move = name == "move";
    add_filter_flags(verb, given->filter, is_move ? "--waiting-for" : "--host");
    verb.words("ids", given->filter.ids, "these messages");
    verb.flag("--all", given->all, "every message");
    if (is_move) verb.option("--host", "NAME", given->host, "the [host.NAME] to send them to");
    if (is_move) verb.flag("--back", given->back, "to where the rules say, as if never moved");
    verb.flag("--dry-run", given->dry_run, "only say what it would hit");
    if (name == "hold") verb.option("--why", "TEXT", given->text, "shown in lists");
    if (name == "bounce") verb.option("--why", "TEXT", given->text, "told to the sender");
    bool const asks = is_move || name == "bounce" || name == "drop";
    if (asks) verb.flag("--yes", given->yes, "ask nothing");
    if (name == "bounce") verb.flag("--no-ndr", given->no_report, "the sender is told nothing");
    verb.run([given](Context const& context) { return change_queue(*given, context); });
}

}  // namespace

void add_queue(Verb& splitmx) {
    auto queue = splitmx.verb("queue", "what is in the queue, and why");
    add_list(queue);
    add_shape(queue);
    add_message_verb(
        queue,
        "show",
        "one message: its recipients, their hosts, and every last answer",
        "as one JSON object",
        show_message_online,
        show_message_offline
    );
    add_message_verb(
        queue,
        "export",
        "print a message as it was received, such as for a .eml file",
        "its envelope, as one JSON object",
        export_message_online,
        export_message_offline
    );
    add_change(queue, "retry", "try them now");
    add_change(queue, "hold", "set them aside until they are released");
    add_change(queue, "release", "let held ones go");
    add_change(queue, "bounce", "return them to their senders");
    add_change(queue, "drop", "end them without a word");
    add_change(queue, "move", "send them to another next hop, whatever the rules say");
}

}  // namespace splitmx::admin
