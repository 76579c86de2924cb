// Questions and answers of a command that sets something up. An answer is taken from the command
// line, else asked for; where nobody is to be asked, the proposal counts. A wrong answer is said to
// be one, and asked for again. Ownership: of nothing but its streams. Threads: one; blocking.
// Errors: nothing for an answer, with the exit code for it; why is printed by then.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::admin {

// What a flag said, if it was there.
struct GivenAnswer {
    bool given = false;
    std::string value;
};

struct Question {
    std::string flag;  // "--directory"
    std::string text;  // "Directory"
    GivenAnswer* given = nullptr;
    std::string proposal = {};     // what Enter stands for
    std::string nothing = {};      // "none": what no answer means; empty: one is needed
    std::string explanation = {};  // before it is asked, for people
};

// Why an answer is none.
struct Trouble {
    std::string text;
    ExitCode code = ExitCode::usage;
};
using AnswerCheck = std::function<std::optional<Trouble>(std::string const&)>;

class Interview {
public:
    enum class Mode { asking, unattended };

    Interview(std::string verb, Mode mode, bool quiet, Streams const& streams);

    bool is_asking() const { return mode_ == Mode::asking; }

    // The answer, without blanks around it; "-" is none, where there may be none.
    std::optional<std::string> ask(Question const& question, AnswerCheck const& check);
    // Not shown while it is typed.
    std::optional<std::string> ask_secret(std::string const& text);
    // Yes where nobody is to be asked.
    std::optional<bool> confirm(std::string const& text);

    void say(std::string_view text) const;
    // In lines of 80 columns, behind two blanks.
    void explain(std::string_view text) const;
    void heading(std::string_view text) const;
    // What is wrong, or will be: "  ! ...".
    void object(std::string_view text) const;
    void fail(Trouble const& trouble);

    ExitCode code() const { return code_; }

private:
    std::optional<std::string> read_answer(Question const& question);
    std::optional<std::string> answer_of(Question const& question);
    std::optional<std::string> end_of_input();
    void prompt(Question const& question) const;

    std::string verb_;
    Mode mode_;
    bool quiet_;
    Streams streams_;
    ExitCode code_ = ExitCode::ok;
};

}  // namespace splitmx::admin
