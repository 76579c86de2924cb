#include "admin/diff_report.hpp"

#include "admin/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "control/decision_json.hpp"

namespace splitmx::admin {

std::string change_json(
    std::string const& address,
    ChangedDecision const& change,
    resolver::Decision const& now,
    resolver::Decision const& then,
    TwoStandpoints const& stand,
    std::uint64_t times
) {
    return fmt::format(
        "{{\"address\":{},{}\"would_bounce\":{},\"would_wait\":{},\"now\":{},\"then\":{}}}\n",
        control::json::serialize(control::json::string(change.address)),
        times > 0 ? fmt::format("\"times\":{},", times) : std::string(),
        change.would_bounce,
        change.would_wait,
        control::to_json(address, now, stand.now.service->overall_health()),
        control::to_json(address, then, stand.then.service->overall_health())
    );
}

void print_changes(
    std::vector<ChangedDecision> const& changes, DiffCounts const& counts, Context const& context
) {
    auto& output = context.streams.output;
    Paint const paint(context.global.colour, output);
    output << to_text(counts) << (changes.empty() ? "\n" : ":\n");
    auto text = to_text(changes);
    for (std::string_view rest = text; !rest.empty();) {
        auto const end = std::min(rest.find('\n'), rest.size() - 1) + 1;
        auto const line = rest.substr(0, end);
        rest.remove_prefix(end);
        auto const mark = std::min(line.find("  !! "), line.size());
        output << line.substr(0, mark);
        if (mark == line.size()) continue;
        auto const words = line.substr(mark, line.size() - mark - 1);
        output << (words.ends_with("bounce") ? paint.red(words) : paint.yellow(words)) << "\n";
    }
}

}  // namespace splitmx::admin
