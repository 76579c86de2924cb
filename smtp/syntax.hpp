// The grammar of command lines and reply lines, without a session: words in, words out.
// All views point into the argument. Verbs and keywords are the same in any case.
// Threads: pure functions. Source: RFC 5321 2.4, 4.1.1, 4.1.2, 4.2.
#pragma once

#include "mail/result.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace splitmx::smtp {

enum class Verb {
    helo,
    ehlo,
    mail,
    rcpt,
    data,
    rset,
    noop,
    quit,
    vrfy,
    expn,
    help,
    starttls,
    auth,
    unimplemented,  // a command of some RFC that is not offered here (RFC 5321 4.2.4)
    unknown,
};

struct Command {
    Verb verb = Verb::unknown;
    std::string_view argument;  // without blanks around it
};

// From a line without CRLF.
Command parse_command(std::string_view line);

// The first octets that a client has sent belong to another protocol: a request of HTTP and its
// kin, a header field of one, a TLS or SSH handshake, a front end's PROXY header where none is
// expected. A browser can be made to send a request with SMTP commands in its body.
bool is_foreign(std::string_view input);

// The argument of EHLO or HELO: a name or an address literal (RFC 5321 4.1.1.1). The letters are
// those that hosts use, not only those that they may use.
bool is_hello_name(std::string_view argument);

struct Parameter {
    std::string_view keyword;
    std::optional<std::string_view> value;
};

struct PathArgument {
    std::string_view path;  // with its angle brackets, unchecked inside
    std::vector<Parameter> parameters;
};

// The argument of MAIL (`prefix` "FROM:") or RCPT ("TO:"). A blank behind the colon is tolerated,
// a path without brackets is not.
mail::Result<PathArgument> parse_path_argument(std::string_view argument, std::string_view prefix);

struct ReplyLine {
    int code = 0;  // 200 to 599
    bool is_last = true;
    std::string_view text;
};

// From a line without CRLF.
mail::Result<ReplyLine> parse_reply_line(std::string_view line);

}  // namespace splitmx::smtp
