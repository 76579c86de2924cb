#include "config/operation.hpp"

#include "config/values.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

namespace splitmx::config {

namespace {

bool is_program_name(std::string_view text) {
    static constexpr std::string_view marks = "-_./";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        bool const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return is_letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

constexpr std::size_t longest_socket_path = sizeof(sockaddr_un{}.sun_path) - 1;

}  // namespace

Admin read_admin(Table const& document, FileOrigin const& origin, Findings& findings) {
    auto const section = Section::single("admin", document);
    Admin admin;
    admin.socket = origin.resolve(section.text("socket"));
    admin.socket_chosen = section.has("socket");
    if (auto const size = admin.socket.native().size(); size > longest_socket_path) {
        findings.error(
            section.value_position("socket"),
            fmt::format(
                "the path has {} octets: a socket's has {} at most", size, longest_socket_path
            ),
            "another folder, such as /run/splitmx"
        );
    }
    std::error_code failure;
    auto const folder = admin.socket.parent_path();
    if (admin.socket_chosen && !std::filesystem::is_directory(folder, failure)) {
        findings.warning(
            section.value_position("socket"),
            fmt::format("{}: there is no such folder", folder.string()),
            "the relay does not start without it"
        );
    }
    admin.http_chosen = section.has("http");
    if (auto const http = section.text("http"); http != "off") {
        if (auto const endpoint = parse_endpoint(http, std::nullopt)) admin.http = *endpoint;
    }
    if (admin.http && !admin.http->address.is_loopback()) {
        findings.warning(
            section.value_position("http"),
            "whoever reaches this address reads the relay's figures",
            "127.0.0.1 is for this machine alone"
        );
    }
    return admin;
}

Log read_log(Table const& document, FileOrigin const& origin, Findings& findings) {
    auto const section = Section::single("log", document);
    Log log;
    auto const level = section.text("level");
    if (level == "debug") log.level = LogLevel::debug;
    if (level == "warning") log.level = LogLevel::warning;
    if (level == "error") log.level = LogLevel::error;
    auto const format = section.text("format");
    if (format == "json") log.format = LogFormat::json;
    if (format == "postfix") log.format = LogFormat::postfix;
    log.syslog_name = section.text("syslog_name");
    if (!is_program_name(log.syslog_name)) {
        findings.error(
            section.value_position("syslog_name"),
            "letters, digits, `-`, `_`, `.` and `/` make the name of a program"
        );
    }
    if (auto const file = section.text("file"); file != "stderr") log.file = origin.resolve(file);
    if (auto const file = section.text("decisions"); file != "off") {
        log.decisions = origin.resolve(file);
    }
    return log;
}

History read_history(Table const& document, FileOrigin const& origin, Server const& server) {
    auto const section = Section::single("history", document);
    History history;
    history.keep = section.duration_or_never("keep");
    history.file = section.has("file") ? origin.resolve(section.text("file"))
                                       : server.state_dir / "history.db";
    history.full_addresses = section.text("addresses") == "full";
    return history;
}

}  // namespace splitmx::config
