#include "smtp/envelope_command.hpp"

#include "mail/reason.hpp"
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

mail::Status syntax_error(std::string text) { return {501, {5, 4}, std::move(text)}; }

mail::Status unknown_parameter(std::string_view keyword) {
    return {555, {5, 4}, "Parameter " + std::string(keyword) + " is not supported"};
}

// RFC 1870 6.1: 1 to 20 digits.
std::optional<mail::Status> read_size(
    Parameter const& parameter, std::uint64_t max_message, MailCommand& command
) {
    if (command.declared_size) return syntax_error("SIZE given twice");
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
    if (equal_ignoring_case(kind, "7BIT"))
        command.body = BodyKind::seven_bit;
    else if (equal_ignoring_case(kind, "8BITMIME"))
        command.body = BodyKind::eight_bit;
    else
        return syntax_error("BODY is 7BIT or 8BITMIME");
    return std::nullopt;
}

std::optional<mail::Status> read_parameter(
    Parameter const& parameter, std::uint64_t max_message, MailCommand& command
) {
    if (equal_ignoring_case(parameter.keyword, "SIZE")) {
        return read_size(parameter, max_message, command);
    }
    if (equal_ignoring_case(parameter.keyword, "BODY")) return read_body(parameter, command);
    return unknown_parameter(parameter.keyword);
}

mail::Status path_syntax_error(std::string_view form, mail::Error const& error) {
    return syntax_error("Syntax: " + std::string(form) + ": " + error.what);
}

}  // namespace

std::variant<MailCommand, mail::Status> read_mail(
    std::string_view argument, std::uint64_t max_message
) {
    auto const parsed = parse_path_argument(argument, "FROM:");
    if (!parsed) return path_syntax_error("MAIL FROM:<address>", parsed.error());
    if (has_high_octets(parsed->path)) {
        return mail::Status{553, {6, 7}, "The address is not ASCII"};
    }
    auto from = mail::ReversePath::parse(parsed->path);
    if (!from) return mail::Status{553, {1, 7}, "This is not a valid sender address"};
    MailCommand command{std::move(*from), std::nullopt, BodyKind::seven_bit};
    for (auto const& parameter : parsed->parameters) {
        auto const fault = read_parameter(parameter, max_message, command);
        if (fault) return *fault;
    }
    return command;
}

std::variant<mail::ForwardPath, mail::Status> read_rcpt(std::string_view argument) {
    auto const parsed = parse_path_argument(argument, "TO:");
    if (!parsed) return path_syntax_error("RCPT TO:<address>", parsed.error());
    if (has_high_octets(parsed->path)) {
        return mail::Status{553, {6, 7}, "The address is not ASCII"};
    }
    auto path = mail::ForwardPath::parse(parsed->path);
    if (!path) return status_of(mail::Reason::bad_address);
    if (!parsed->parameters.empty()) return unknown_parameter(parsed->parameters.front().keyword);
    return std::move(*path);
}

}  // namespace splitmx::smtp
