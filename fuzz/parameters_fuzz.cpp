// Command lines with their parameters, one a line of the input.
#include "smtp/envelope_command.hpp"
#include "smtp/syntax.hpp"

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    while (!input.empty()) {
        auto const line = input.line();
        auto const command = smtp::parse_command(line);
        demand(command.argument.size() <= line.size(), "an argument is a part of its line");
        auto const mail = smtp::read_mail(command.argument, smtp::always_offered(), 1000);
        if (auto const* refusal = std::get_if<mail::Status>(&mail)) {
            demand(refusal->code >= 400, "a refusal is one");
        } else {
            auto const& taken = std::get<smtp::MailCommand>(mail);
            demand(taken.declared_size.value_or(0) <= 1000, "what is too large is refused");
        }
        for (bool const smtputf8 : {false, true}) {
            auto const rcpt =
                smtp::read_rcpt(command.argument, smtp::always_offered(), smtputf8);
            if (auto const* refusal = std::get_if<mail::Status>(&rcpt)) {
                demand(refusal->code >= 400, "a refusal is one");
            }
        }
    }
    return 0;
}
