#include "admin/interview.hpp"

#include "admin/hidden_input.hpp"
#include "admin/terminal.hpp"
#include "lint/wrap.hpp"
#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::admin {

namespace {

std::string trimmed(std::string const& text) {
    auto const begin = text.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Interview::Interview(std::string verb, Mode mode, bool quiet, Streams const& streams)
    : verb_(std::move(verb)), mode_(mode), quiet_(quiet), streams_(streams) {}

void Interview::say(std::string_view text) const {
    if (!quiet_ || is_asking()) streams_.output << text << std::flush;
}

void Interview::explain(std::string_view text) const { say(lint::wrapped("  ", text, 2)); }

void Interview::heading(std::string_view text) const { say(fmt::format("\n{}\n", text)); }

void Interview::object(std::string_view text) const { say(lint::wrapped("  ! ", text, 4)); }

void Interview::fail(Trouble const& trouble) {
    streams_.error << lint::wrapped(fmt::format("splitmx {}: ", verb_), trouble.text, 2);
    code_ = trouble.code;
}

void Interview::prompt(Question const& question) const {
    auto text = question.text;
    if (!question.proposal.empty()) {
        text += fmt::format(" [{}]", question.proposal);
        if (!question.nothing.empty()) text += fmt::format(" (- for {})", question.nothing);
    } else if (!question.nothing.empty()) {
        text += fmt::format(" [{}]", question.nothing);
    }
    say(text + ": ");
}

std::optional<std::string> Interview::end_of_input() {
    streams_.output << "\n";
    fail({"the input ended before everything was answered; nothing was written", ExitCode::bad_data}
    );
    return std::nullopt;
}

std::optional<std::string> Interview::read_answer(Question const& question) {
    prompt(question);
    std::string line;
    if (!std::getline(streams_.input, line)) return end_of_input();
    auto answer = trimmed(line);
    // Where nobody types, nobody sees what was.
    if (!is_input_terminal(streams_)) say(mail::to_log_text(answer) + "\n");
    if (answer.empty()) answer = question.proposal;
    if (answer == "-" && !question.nothing.empty()) answer.clear();
    return answer;
}

// Nothing: the command ends.
std::optional<std::string> Interview::answer_of(Question const& question) {
    if (question.given != nullptr && std::exchange(question.given->given, false)) {
        auto answer = trimmed(question.given->value);
        if (answer == "-" && !question.nothing.empty()) answer.clear();
        say(fmt::format("{}: {}\n", question.text, answer.empty() ? question.nothing : answer));
        return answer;
    }
    if (is_asking()) return read_answer(question);
    if (question.proposal.empty() && question.nothing.empty()) {
        fail(
            {fmt::format("{} is needed: with --yes nobody is asked", question.flag),
             ExitCode::usage}
        );
        return std::nullopt;
    }
    auto const& shown = question.proposal.empty() ? question.nothing : question.proposal;
    say(fmt::format("{}: {}\n", question.text, shown));
    return question.proposal;
}

std::optional<std::string> Interview::ask(Question const& question, AnswerCheck const& check) {
    bool const will_ask = is_asking() && (question.given == nullptr || !question.given->given);
    if (will_ask && !question.explanation.empty()) explain(question.explanation);
    for (;;) {
        auto answer = answer_of(question);
        if (!answer) return std::nullopt;
        std::optional<Trouble> trouble;
        if (answer->empty() && question.nothing.empty()) {
            trouble = Trouble{"an answer is needed"};
        } else {
            trouble = check(*answer);
        }
        if (!trouble) return answer;
        if (!is_asking()) {
            trouble->text = fmt::format("{}: {}", question.flag, trouble->text);
            fail(*trouble);
            return std::nullopt;
        }
        object(trouble->text);
    }
}

std::optional<std::string> Interview::ask_secret(std::string const& text) {
    auto secret = read_hidden(text + ": ", streams_);
    say("\n");
    if (!secret) return end_of_input();
    return secret;
}

std::optional<bool> Interview::confirm(std::string const& text) {
    if (!is_asking()) return true;
    for (;;) {
        say(text + " [Y/n]: ");
        std::string line;
        if (!std::getline(streams_.input, line)) {
            end_of_input();
            return std::nullopt;
        }
        auto const answer = trimmed(line);
        if (!is_input_terminal(streams_)) say(mail::to_log_text(answer) + "\n");
        if (answer.empty() || answer == "y" || answer == "Y" || answer == "yes") return true;
        if (answer == "n" || answer == "N" || answer == "no") return false;
        say("  ! y or n\n");
    }
}

}  // namespace splitmx::admin
