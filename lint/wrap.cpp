#include "lint/wrap.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::lint {

std::string wrapped(
    std::string head, std::string_view text, std::size_t indent, std::size_t width
) {
    std::string out;
    std::string line = std::move(head);
    bool begun = true;  // nothing stands behind the head yet
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = text.substr(0, end);
        if (!begun && line.size() + 1 + word.size() > width) {
            out += line + "\n";
            line = std::string(indent, ' ');
            begun = true;
        }
        if (!begun) line += ' ';
        begun = false;
        line += word;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + line + "\n";
}

}  // namespace splitmx::lint
