// Text from outside as one word of a log line: escaped, and quoted where a blank in it could pass
// for the end of a field. Threads: pure function.
#pragma once

#include <string>
#include <string_view>

namespace splitmx::observe {

bool is_bare(std::string_view text);  // it is its own word, or nothing
void append_word(std::string& out, std::string_view text);
std::string word(std::string_view text);  // a@b  ->  a@b;  a b  ->  "a b";  nothing  ->  ""

}  // namespace splitmx::observe
