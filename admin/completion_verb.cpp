#include "admin/verbs.hpp"

#include <memory>
#include <string>
#include <utility>

namespace splitmx::admin {

void add_completion(Verb& splitmx, std::function<VerbWords()> words) {
    auto const shell = std::make_shared<std::string>();
    auto verb =
        splitmx.verb("completion", "print a script with which a shell completes these words");
    verb.word("shell", *shell, "bash, zsh or fish");
    verb.run([shell, words = std::move(words)](Context const& context) {
        if (*shell != "bash" && *shell != "zsh" && *shell != "fish") {
            context.streams.error << "splitmx completion: for bash, zsh or fish\n";
            return ExitCode::usage;
        }
        context.streams.output << completion_script(words(), *shell);
        return ExitCode::ok;
    });
}

}  // namespace splitmx::admin
