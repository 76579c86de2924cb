#include "observe/word.hpp"

#include "mail/mailbox.hpp"

namespace splitmx::observe {

std::string word(std::string_view text) {
    auto safe = mail::to_log_text(text);
    if (!safe.empty() && safe.find_first_of(" \"") == std::string::npos) return safe;
    std::string quoted = "\"";
    for (char const c : safe) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace splitmx::observe
