#include "admin/import_report.hpp"

#include "admin/decision_diff.hpp"
#include "config/suggestion.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace splitmx::admin {

namespace {

namespace json = boost::json;
using migration::Loss;
using migration::Report;
using migration::Skip;

// One and several of what is skipped, in the order of Skip.
struct Words {
    std::string_view one;
    std::string_view several;
};
constexpr std::array<Words, migration::skip_count> skip_words = {{
    {"list", "lists"},
    {"public folder", "public folders"},
    {"system mailbox", "system mailboxes"},
    {"object without mail", "objects without mail"},
    {"custom recipient of a foreign type", "custom recipients of a foreign type"},
    {"recipient of another domain", "recipients of other domains"},
    {"disabled recipient", "disabled recipients"},
    {"deleted object", "deleted objects"},
    {"catch-all", "catch-alls"},
    {"address that is refused anyway", "addresses that are refused anyway"},
    {"line without a next hop", "lines without a next hop"},
    {"other entry", "other entries"},
}};

constexpr std::array<Words, migration::loss_count> loss_words = {{
    {"of them forwards its mail or has an alternate recipient: not carried over",
     "of them forward their mail or have an alternate recipient: not carried over"},
    {"of them restricts who may write to it: not carried over",
     "of them restrict who may write to them: not carried over"},
    {"further address is malformed or not ASCII: left out",
     "further addresses are malformed or not ASCII: left out"},
    {"entry is called by its address: another has its alias",
     "entries are called by their address: others have their alias"},
}};

std::string counted_as(std::size_t count, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", grouped(count), count == 1 ? one : several);
}

// "109 lists, 3 public folders and 1 catch-all skipped"
std::string skipped_text(Report const& report) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < migration::skip_count; ++i) {
        auto const count = report.skipped[i];
        if (count > 0) parts.push_back(counted_as(count, skip_words[i].one, skip_words[i].several));
    }
    if (parts.empty()) return {};
    auto const last = parts.back();
    parts.pop_back();
    if (parts.empty()) return last + " skipped";
    return fmt::format("{} and {} skipped", fmt::join(parts, ", "), last);
}

std::string rejected_text(Report const& report) {
    constexpr std::size_t most = 10;
    auto lines = report.rejected_lines;
    if (lines.size() > most) lines.resize(most);
    std::vector<std::string> numbers;
    for (auto const line : lines) numbers.push_back(grouped(line));
    auto const more = report.rejected - lines.size();
    return fmt::format(
        "{} rejected (see line{} {}{})",
        counted_as(report.rejected, "row", "rows"),
        report.rejected == 1 ? "" : "s",
        fmt::join(numbers, ", "),
        more == 0 ? std::string() : fmt::format(" and {} more", grouped(more))
    );
}

std::string counts_text(std::map<std::string, std::size_t> const& counts) {
    std::vector<std::string> parts;
    for (auto const& [what, count] : counts) parts.push_back(grouped(count) + " " + what);
    return fmt::format("{}", fmt::join(parts, ", "));
}

json::object to_object(std::map<std::string, std::size_t> const& counts) {
    json::object object;
    for (auto const& [what, count] : counts) object[what] = count;
    return object;
}

}  // namespace

std::string to_text(Report const& report) {
    std::vector<std::string> done;
    if (report.mailboxes > 0) done.push_back(counted_as(report.mailboxes, "mailbox", "mailboxes"));
    if (report.custom_recipients > 0) {
        done.push_back(counted_as(report.custom_recipients, "custom recipient", "custom recipients")
        );
    }
    if (report.routes > 0) done.push_back(counted_as(report.routes, "route", "routes"));
    if (done.empty()) done.emplace_back("nothing to carry over");
    if (auto skipped = skipped_text(report); !skipped.empty()) done.push_back(std::move(skipped));
    auto text = fmt::format("{}", fmt::join(done, ", "));
    if (report.rejected > 0) text += "; " + rejected_text(report);
    text += '\n';
    if (!report.values_left_out.empty()) {
        text += fmt::format(
            "addresses of other types left out: {}\n", counts_text(report.values_left_out)
        );
    }
    for (std::size_t i = 0; i < migration::loss_count; ++i) {
        auto const count = report.lost[i];
        if (count == 0) continue;
        text += counted_as(count, loss_words[i].one, loss_words[i].several) + "\n";
    }
    if (report.legacy_lines > 0) {
        text += fmt::format(
            "{} not UTF-8: read as Windows-1252; --encoding names another\n",
            report.legacy_lines == 1 ? std::string("1 line is")
                                     : grouped(report.legacy_lines) + " lines are"
        );
    }
    if (report.servers.size() > 1) {
        text += fmt::format(
            "mailboxes by Home-Server: {}; --mail-host-column Home-Server writes it down\n",
            counts_text(report.servers)
        );
    }
    return text;
}

std::string rejection_json(std::size_t line, std::string const& reason) {
    return json::serialize(json::object{{"line", line}, {"reason", reason}});
}

std::string to_json(Report const& report) {
    json::object skipped;
    json::object lost;
    for (std::size_t i = 0; i < migration::skip_count; ++i) {
        auto const skip = static_cast<Skip>(i);
        if (report.of(skip) > 0) skipped[migration::to_id(skip)] = report.of(skip);
    }
    for (std::size_t i = 0; i < migration::loss_count; ++i) {
        auto const loss = static_cast<Loss>(i);
        if (report.of(loss) > 0) lost[migration::to_id(loss)] = report.of(loss);
    }
    return json::serialize(json::object{
        {"rows", report.rows},
        {"mailboxes", report.mailboxes},
        {"custom_recipients", report.custom_recipients},
        {"routes", report.routes},
        {"rejected", report.rejected},
        {"skipped", std::move(skipped)},
        {"left_out", to_object(report.values_left_out)},
        {"lost", std::move(lost)},
        {"servers", to_object(report.servers)},
        {"legacy_lines", report.legacy_lines}});
}

std::string to_text(migration::MissingColumns const& missing) {
    std::string text;
    for (auto const& name : missing.needed) {
        auto const hint = config::did_you_mean(config::nearest(name, missing.there));
        text += fmt::format("there is no column \"{}\"{}\n", name, hint.empty() ? "" : "; " + hint);
    }
    std::vector<std::string> names;
    for (auto const& name : missing.there) names.push_back('"' + name + '"');
    text += fmt::format("the columns are {}", fmt::join(names, ", "));
    if (!missing.advice.empty()) text += "\n" + missing.advice;
    return text;
}

}  // namespace splitmx::admin
