#include "smtp/syntax.hpp"

#include "mail/domain.hpp"
#include "mail/letter_case.hpp"
#include "smtp/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::smtp {

namespace {

constexpr std::array<std::pair<std::string_view, Verb>, 25> verbs{{
    {"MAIL", Verb::mail},
    {"RCPT", Verb::rcpt},
    {"DATA", Verb::data},
    {"EHLO", Verb::ehlo},
    {"HELO", Verb::helo},
    {"RSET", Verb::rset},
    {"QUIT", Verb::quit},
    {"NOOP", Verb::noop},
    {"VRFY", Verb::vrfy},
    {"EXPN", Verb::expn},
    {"HELP", Verb::help},
    {"STARTTLS", Verb::starttls},
    {"AUTH", Verb::auth},
    {"BDAT", Verb::unimplemented},
    {"BURL", Verb::unimplemented},
    {"ETRN", Verb::unimplemented},
    {"ATRN", Verb::unimplemented},
    {"TURN", Verb::unimplemented},
    {"SEND", Verb::unimplemented},
    {"SOML", Verb::unimplemented},
    {"SAML", Verb::unimplemented},
    {"VERB", Verb::unimplemented},
    {"LHLO", Verb::unimplemented},
    {"XCLIENT", Verb::unimplemented},
    {"XFORWARD", Verb::unimplemented},
}};

// Requests of HTTP, RTSP, SIP and FTP.
constexpr std::array<std::string_view, 18> foreign_words{
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH",
    "PRI", "PROPFIND", "DESCRIBE", "REGISTER", "INVITE", "USER", "PROXY", "SSH-2.0", "SSH-1.99"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_alphanumeric(char c) {
    return is_digit(c) || (mail::to_lower(c) >= 'a' && mail::to_lower(c) <= 'z');
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim_front(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

// RFC 5321 4.1.1: blanks at the end of a line are tolerated.
std::string_view trim_back(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_keyword(std::string_view text) {
    return !text.empty() && is_alphanumeric(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_alphanumeric(c) || c == '-';
           });
}

// UTF-8 is let through: whether it may be there depends on SMTPUTF8 (RFC 6531 3.3).
bool is_value(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c > ' ' && c <= '~' && c != '=') || static_cast<unsigned char>(c) >= 0x80;
    });
}

// Octets of the path at the start of `text`, brackets included; 0: it has no end. A `>` inside a
// Quoted-string is part of the local part.
std::size_t path_length(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '>' && !quoted)
            return i + 1;
    }
    return 0;
}

std::optional<Parameter> parse_parameter(std::string_view word) {
    auto const equals = word.find('=');
    Parameter parameter{word.substr(0, equals), std::nullopt};
    if (!is_keyword(parameter.keyword)) return std::nullopt;
    if (equals == std::string_view::npos) return parameter;
    parameter.value = word.substr(equals + 1);
    if (!is_value(*parameter.value)) return std::nullopt;
    return parameter;
}

}  // namespace

Command parse_command(std::string_view line) {
    line = trim_back(line);
    auto const blank = line.find(' ');
    auto const word = line.substr(0, blank);
    Command command;
    if (blank != std::string_view::npos) command.argument = trim_front(line.substr(blank));
    auto const known = std::find_if(verbs.begin(), verbs.end(), [word](auto const& verb) {
        return mail::equal_no_case(word, verb.first);  // RFC 5321 2.4
    });
    if (known != verbs.end()) command.verb = known->second;
    return command;
}

bool is_foreign(std::string_view input) {
    // The records of a TLS handshake begin with its type and the version (RFC 8446 5.1).
    if (input.starts_with("\x16\x03") || begins_like_proxy_header(input)) return true;
    auto const line = input.substr(0, input.find_first_of("\r\n"));
    auto const word = line.substr(0, line.find(' '));
    if (word.size() > 1 && word.back() == ':') return true;
    // "SSH-2.0-OpenSSH_9.2" has no blank.
    return std::any_of(foreign_words.begin(), foreign_words.end(), [&](auto const& foreign) {
        return word == foreign ||
               (foreign.starts_with("SSH-") && word.starts_with(foreign) &&
                word.substr(foreign.size()).starts_with('-'));
    });
}

bool is_hello_name(std::string_view argument) {
    if (argument.empty() || argument.size() > mail::max_domain_octets) return false;
    if (argument.front() == '[') return mail::Domain::parse(argument).has_value();
    return std::all_of(argument.begin(), argument.end(), [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

mail::Result<PathArgument> parse_path_argument(std::string_view argument, std::string_view prefix) {
    if (!mail::equal_no_case(argument.substr(0, prefix.size()), prefix)) {
        return mail::Error{"no " + std::string(prefix), 0};
    }
    auto const start = argument;
    auto const position = [&] { return static_cast<std::size_t>(argument.data() - start.data()); };
    argument = trim_front(argument.substr(prefix.size()));
    if (argument.empty() || argument.front() != '<') {
        return mail::Error{"no '<' before the address", position()};
    }
    auto const length = path_length(argument);
    if (length == 0) return mail::Error{"no '>' behind the address", start.size()};

    PathArgument result{argument.substr(0, length), {}};
    argument.remove_prefix(length);
    if (!argument.empty() && argument.front() != ' ') {
        return mail::Error{"text behind the address", position()};
    }
    while (!(argument = trim_front(argument)).empty()) {
        auto const word = argument.substr(0, argument.find(' '));
        auto const parameter = parse_parameter(word);
        if (!parameter) return mail::Error{"malformed parameter", position()};
        result.parameters.push_back(*parameter);
        argument.remove_prefix(word.size());
    }
    return result;
}

mail::Result<ReplyLine> parse_reply_line(std::string_view line) {
    // RFC 5321 4.2: three digits, the first of them 2 to 5, then the end, a blank or a hyphen.
    if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
        !is_digit(line[2])) {
        return mail::Error{"no reply code", 0};
    }
    ReplyLine reply;
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (line.size() == 3) return reply;
    if (line[3] != ' ' && line[3] != '-') return mail::Error{"text joined to the reply code", 3};
    reply.is_last = line[3] == ' ';
    reply.text = line.substr(4);
    return reply;
}

}  // namespace splitmx::smtp
