// Events in the dialect of Postfix, for `log.format = "postfix"`: what pflogsumm, fail2ban's filter
// for Postfix and log exporters read. They look for the daemon's name behind the program's, and for
// fixed words: `client=`, `from=<>, size=, nrcpt=`, `to=<>, relay=, delay=, dsn=, status=`, `NOQUEUE:
// reject: RCPT from`. One event may be several lines. Events that Postfix does not have stand as
// `PROGRAM/resolve[PID]: ID: ...`, or with another word, and disturb nobody.
//   2026-11-21T09:12:44.120Z relay1 splitmx/smtpd[4711]: 8FQ2K7M1D4: client=unknown[192.0.2.10]
// No text from outside leaves its place: what could close a bracket, begin a field or end the line is
// replaced by `?`, as Postfix does it.
// Threads: pure functions. Source: log lines of Postfix 3.7; pflogsumm 1.1.5, fail2ban 1.0.2.
#pragma once

#include "mail/clock.hpp"
#include "observe/event.hpp"
#include "observe/level.hpp"

#include <string>
#include <string_view>

namespace splitmx::observe {

// Who writes the lines.
struct Origin {
    std::string program = "splitmx";  // `log.syslog_name`
    std::string host = "localhost";
    long pid = 0;
};

// One or more lines, with line ends between them.
std::string to_postfix_lines(Event const& event, Origin const& origin, mail::Instant now);
// For what is no event.
std::string to_postfix_line(
    Level level,
    std::string_view component,
    std::string_view text,
    Origin const& origin,
    mail::Instant now
);

}  // namespace splitmx::observe
