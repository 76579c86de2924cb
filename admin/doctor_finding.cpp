#include "admin/doctor_finding.hpp"

#include "lint/wrap.hpp"
#include "mail/mailbox.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace splitmx::admin {

namespace {

constexpr std::size_t text_column = 27;

using enum DoctorLevel;

constexpr std::array rules{
    DoctorRule{"config", good, ExitCode::ok, "The configuration is without a finding."},
    DoctorRule{"config-error", error, ExitCode::configuration, "`config check` finds an error."},
    DoctorRule{"config-warning", warning, ExitCode::ok, "`config check` warns."},
    DoctorRule{"service", good, ExitCode::ok, "The relay runs and answers."},
    DoctorRule{
        "service-stopped",
        note,
        ExitCode::ok,
        "No relay answers; the rest is looked at all the same."},
    DoctorRule{
        "service-config",
        warning,
        ExitCode::ok,
        "The relay runs by another configuration than this file."},
    DoctorRule{"sandbox", good, ExitCode::ok, "The relay has given up what it does not need."},
    DoctorRule{
        "sandbox-off",
        warning,
        ExitCode::ok,
        "The relay could reach more than it needs, or runs as root."},
    DoctorRule{"files", good, ExitCode::ok, "The relay's user may read and write what it has to."},
    DoctorRule{
        "file-unreadable",
        error,
        ExitCode::not_permitted,
        "The relay's user cannot read a file of the configuration."},
    DoctorRule{
        "folder-missing",
        error,
        ExitCode::cannot_create,
        "A folder is not there, and the relay's user cannot make it."},
    DoctorRule{
        "folder-unwritable",
        error,
        ExitCode::not_permitted,
        "The relay's user cannot write to a folder."},
    DoctorRule{"disk", good, ExitCode::ok, "There is room for mail."},
    DoctorRule{
        "disk-low",
        warning,
        ExitCode::ok,
        "Less than four times `[spool] reserve`, or than a twentieth of the disk, is free."},
    DoctorRule{
        "disk-full", error, ExitCode::io, "Less than `[spool] reserve` is free: mail gets 452."},
    DoctorRule{"inodes-low", warning, ExitCode::ok, "The file system has room for few more files."},
    DoctorRule{"clock", good, ExitCode::ok, "The clock is kept by a time service."},
    DoctorRule{"clock-behind", warning, ExitCode::ok, "A file of the relay is from the future."},
    DoctorRule{"clock-free", warning, ExitCode::ok, "The system says that nobody sets its clock."},
    DoctorRule{"ports", good, ExitCode::ok, "Every listener is open, or could be."},
    DoctorRule{
        "port-taken",
        error,
        ExitCode::unavailable,
        "Another program listens where the relay is to."},
    DoctorRule{
        "port-privileged",
        note,
        ExitCode::ok,
        "Only root, or the service with its capability, may listen there."},
    DoctorRule{"port-address", error, ExitCode::unavailable, "This machine has no such address."},
    DoctorRule{"port-closed", warning, ExitCode::ok, "The relay runs, and does not listen there."},
    DoctorRule{
        "certificate",
        good,
        ExitCode::ok,
        "It holds, its key fits, and it is for the relay's name."},
    DoctorRule{"certificate-none", note, ExitCode::ok, "No client can use TLS."},
    DoctorRule{
        "certificate-validity",
        warning,
        ExitCode::ok,
        "It has ended, ends soon, or has not begun."},
    DoctorRule{
        "certificate-name",
        warning,
        ExitCode::ok,
        "It is for another name than `[server] hostname`."},
    DoctorRule{
        "dns", good, ExitCode::ok, "Names and mail exchangers are as the configuration has them."},
    DoctorRule{"dns-silent", warning, ExitCode::ok, "The DNS does not answer."},
    DoctorRule{"dns-hostname", warning, ExitCode::ok, "The relay's own name has no address."},
    DoctorRule{
        "dns-record",
        warning,
        ExitCode::ok,
        "A record is not as the configuration needs it (rules D004, D014, D030, D031 of "
        "docs/lint.md)."},
    DoctorRule{"host", good, ExitCode::ok, "A next hop takes mail, at every address."},
    DoctorRule{"host-partly", warning, ExitCode::ok, "It takes mail, but not at every address."},
    DoctorRule{
        "host-down", error, ExitCode::unavailable, "It cannot be reached, or does not take mail."},
    DoctorRule{"directory", good, ExitCode::ok, "Everybody was read, as the relay does it."},
    DoctorRule{
        "directory-down",
        error,
        ExitCode::unavailable,
        "It cannot be read whole: no server, no rights, or a limit."},
    DoctorRule{
        "directory-doubt",
        warning,
        ExitCode::ok,
        "The account sees less than it should, or the server could do better."},
    DoctorRule{
        "directory-state",
        warning,
        ExitCode::ok,
        "The running relay does not follow it as it should."},
    DoctorRule{"people", good, ExitCode::ok, "`directory lint` finds nothing."},
    DoctorRule{"people-faults", warning, ExitCode::ok, "Mail for some people would get nowhere."},
};

std::string_view word(DoctorLevel level) { return schema::to_text(level); }

}  // namespace

std::span<DoctorRule const> doctor_rules() { return rules; }

DoctorFinding finding(std::string_view id, std::string text, std::string fix) {
    auto const* rule =
        std::find_if(rules.begin(), rules.end(), [&](auto const& one) { return one.id == id; });
    if (rule == rules.end()) throw std::logic_error("no rule of doctor has this id");
    return {rule, rule->level, std::move(text), std::move(fix)};
}

DoctorFinding finding(std::string_view id, DoctorLevel level, std::string text, std::string fix) {
    auto made = finding(id, std::move(text), std::move(fix));
    made.level = level;
    return made;
}

std::string to_text(DoctorFinding const& finding) {
    auto head = fmt::format("{:<5}  {:<18}", word(finding.level), finding.rule->id);
    if (head.size() < text_column)
        head.resize(text_column, ' ');
    else
        head += ' ';
    auto text = lint::wrapped(std::move(head), mail::to_log_text(finding.text), text_column);
    if (finding.fix.empty()) return text;
    std::string arrow(text_column, ' ');
    arrow += "-> ";
    return text + lint::wrapped(std::move(arrow), mail::to_log_text(finding.fix), text_column + 3);
}

std::string to_json(DoctorFinding const& finding) {
    boost::json::object object;
    object["id"] = finding.rule->id;
    object["level"] = word(finding.level);
    object["text"] = mail::to_log_text(finding.text);
    object["fix"] = finding.fix.empty() ? boost::json::value(nullptr)
                                        : boost::json::value(mail::to_log_text(finding.fix));
    return boost::json::serialize(object);
}

std::string summary(DoctorFindings const& findings) {
    auto const number = [&](DoctorLevel level) {
        return std::count_if(findings.begin(), findings.end(), [&](auto const& one) {
            return one.level == level;
        });
    };
    auto const errors = number(error);
    auto const warnings = number(warning);
    return fmt::format(
        "{} error{}, {} warning{}; {}.",
        errors,
        errors == 1 ? "" : "s",
        warnings,
        warnings == 1 ? "" : "s",
        number(good) == 1 ? std::string("1 check is well")
                          : fmt::format("{} checks are well", number(good))
    );
}

ExitCode exit_code(DoctorFindings const& findings, bool strict) {
    auto code = ExitCode::ok;
    for (auto const& one : findings) {
        if (one.level == warning && strict) code = worst(code, ExitCode::warnings);
        if (one.level != error) continue;
        // A rule that is no error by itself stands for bad data when it is one.
        code = worst(code, one.rule->code == ExitCode::ok ? ExitCode::bad_data : one.rule->code);
    }
    return code;
}

}  // namespace splitmx::admin
