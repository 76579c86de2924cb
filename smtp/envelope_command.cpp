#include "smtp/envelope_command.hpp"

#include "mail/letter_case.hpp"
#include "mail/reason.hpp"
#include "mail/xtext.hpp"
#include "smtp/syntax.hpp"

#include <charconv>
#include <string>

namespace splitmx::smtp {

namespace {

// RFC 6531 3.5: without SMTPUTF8 an address is ASCII. Control characters fail as syntax later.
bool has_high_octets(std::string_view text) {
    for (char const c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return true;
    }
    return false;
}

mail::Status no_utf8() {
    return {553, {6, 7}, "The address is not ASCII, and MAIL did not say SMTPUTF8"};
}

mail::Status syntax_error(std::string text) { return {501, {5, 4}, std::move(text)}; }

mail::Status unknown_parameter(std::string_view keyword) {
    return {555, {5, 4}, "Parameter " + std::string(keyword) + " is not supported"};
}

// RFC 1870 6.1: 1 to 20 digits.
std::optional<mail::Status> read_size(
    Parameter const& parameter, std::uint64_t max_message, MailCommand& command
) {
    auto const text = parameter.value.value_or("");
    std::uint64_t size = 0;
    auto const [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (text.empty() || text.size() > 20 || stop != text.data() + text.size() ||
        failure == std::errc::invalid_argument) {
        return syntax_error("SIZE needs a number of octets");
    }
    if (failure == std::errc::result_out_of_range || size > max_message) {
        return status_of(mail::Reason::too_large);
    }
    command.declared_size = size;
    return std::nullopt;
}

std::optional<mail::Status> read_body(Parameter const& parameter, MailCommand& command) {
    auto const kind = parameter.value.value_or("");
    if (mail::equal_no_case(kind, "7BIT"))
        command.body = BodyKind::seven_bit;
    else if (mail::equal_no_case(kind, "8BITMIME"))
        command.body = BodyKind::eight_bit;
    else
        return syntax_error("BODY is 7BIT or 8BITMIME");
    return std::nullopt;
}

std::optional<mail::Status> read_smtputf8(Parameter const& parameter, MailCommand& command) {
    if (parameter.value) return syntax_error("SMTPUTF8 takes no value");
    command.smtputf8 = true;
    return std::nullopt;
}

std::optional<mail::Status> read_return(Parameter const& parameter, MailCommand& command) {
    auto const content = mail::parse_return(parameter.value.value_or(""));
    if (!content) return syntax_error("RET is FULL or HDRS");
    command.returns = *content;
    return std::nullopt;
}

std::optional<mail::Status> read_envelope_id(Parameter const& parameter, MailCommand& command) {
    auto const id = parameter.value.value_or("");
    if (!mail::is_envelope_id(id)) {
        return syntax_error("ENVID needs at most 100 characters of xtext");
    }
    command.envelope_id = id;
    return std::nullopt;
}

// RFC 4954 5: who wrote the message, by the word of the client. We trust nobody's.
std::optional<mail::Status> read_author(Parameter const& parameter) {
    auto const author = parameter.value.value_or("");
    if (author == "<>" || (!author.empty() && mail::from_xtext(author))) return std::nullopt;
    return syntax_error("AUTH is <> or a mailbox in xtext");
}

std::optional<mail::Status> read_parameter(
    Parameter const& parameter,
    Extensions const& offered,
    std::uint64_t max_message,
    MailCommand& command
) {
    auto const is = [&](std::string_view keyword, Extension extension) {
        return offered.has(extension) && mail::equal_no_case(parameter.keyword, keyword);
    };
    if (is("SIZE", Extension::size)) return read_size(parameter, max_message, command);
    if (is("BODY", Extension::eight_bit_mime)) return read_body(parameter, command);
    if (is("SMTPUTF8", Extension::smtputf8)) return read_smtputf8(parameter, command);
    if (is("RET", Extension::dsn)) return read_return(parameter, command);
    if (is("ENVID", Extension::dsn)) return read_envelope_id(parameter, command);
    if (is("AUTH", Extension::auth)) return read_author(parameter);
    return unknown_parameter(parameter.keyword);
}

std::optional<mail::Status> read_notify(Parameter const& parameter, RcptCommand& command) {
    auto const notify = mail::Notify::parse(parameter.value.value_or(""));
    if (!notify) return syntax_error("NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY");
    command.notify = *notify;
    return std::nullopt;
}

std::optional<mail::Status> read_original(
    Parameter const& parameter, bool smtputf8, RcptCommand& command
) {
    auto const value = parameter.value.value_or("");
    if (has_high_octets(value) && !smtputf8) {
        return syntax_error("ORCPT with UTF-8 needs SMTPUTF8");  // RFC 6533 3
    }
    if (!mail::parse_original_recipient(value)) {
        return syntax_error("ORCPT needs a type, a semicolon and an address in xtext");
    }
    command.original = value;
    return std::nullopt;
}

std::optional<mail::Status> read_parameter(
    Parameter const& parameter, Extensions const& offered, bool smtputf8, RcptCommand& command
) {
    bool const dsn = offered.has(Extension::dsn);
    if (dsn && mail::equal_no_case(parameter.keyword, "NOTIFY")) {
        return read_notify(parameter, command);
    }
    if (dsn && mail::equal_no_case(parameter.keyword, "ORCPT")) {
        return read_original(parameter, smtputf8, command);
    }
    return unknown_parameter(parameter.keyword);
}

// RFC 5321 4.1.1.11: a keyword is given once.
std::optional<mail::Status> check_repeated(std::vector<Parameter> const& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (mail::equal_no_case(parameters[i].keyword, parameters[j].keyword)) {
                return syntax_error(std::string(parameters[i].keyword) + " given twice");
            }
        }
    }
    return std::nullopt;
}

// RFC 5321 4.5.3.1.3, 4.5.3.1.10.
bool is_too_long(PathArgument const& argument) {
    auto const path = argument.path.substr(argument.path.starts_with('<') ? 1 : 0);
    auto const limit =
        mail::is_encapsulated(path) ? mail::max_encapsulated_octets : mail::max_path_octets;
    return argument.path.size() > limit + 2;
}

mail::Status path_syntax_error(std::string_view form, mail::Error const& error) {
    return syntax_error("Syntax: " + std::string(form) + ": " + error.what);
}

}  // namespace

std::variant<MailCommand, mail::Status> read_mail(
    std::string_view argument, Extensions const& offered, std::uint64_t max_message
) {
    auto const parsed = parse_path_argument(argument, "FROM:");
    if (!parsed) return path_syntax_error("MAIL FROM:<address>", parsed.error());
    if (is_too_long(*parsed)) return mail::Status{501, {1, 7}, "Path too long"};
    if (auto const fault = check_repeated(parsed->parameters)) return *fault;
    MailCommand command;
    for (auto const& parameter : parsed->parameters) {
        if (auto const fault = read_parameter(parameter, offered, max_message, command)) {
            return *fault;
        }
    }
    if (has_high_octets(parsed->path) && !command.smtputf8) return no_utf8();
    auto from = mail::ReversePath::parse(parsed->path);
    if (!from) return mail::Status{553, {1, 7}, "This is not a valid sender address"};
    command.from = std::move(*from);
    return command;
}

std::variant<RcptCommand, mail::Status> read_rcpt(
    std::string_view argument, Extensions const& offered, bool smtputf8
) {
    auto const parsed = parse_path_argument(argument, "TO:");
    if (!parsed) return path_syntax_error("RCPT TO:<address>", parsed.error());
    if (is_too_long(*parsed)) return mail::Status{501, {1, 3}, "Path too long"};
    if (has_high_octets(parsed->path) && !smtputf8) return no_utf8();
    auto path = mail::ForwardPath::parse(parsed->path);
    if (!path) return status_of(mail::Reason::bad_address);
    if (auto const fault = check_repeated(parsed->parameters)) return *fault;
    RcptCommand command{std::move(*path), {}, {}};
    for (auto const& parameter : parsed->parameters) {
        if (auto const fault = read_parameter(parameter, offered, smtputf8, command)) {
            return *fault;
        }
    }
    return command;
}

}  // namespace splitmx::smtp
