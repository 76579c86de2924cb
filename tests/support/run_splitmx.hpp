// The tool `splitmx` in the test's own process. Threads: one; the current folder is the process's.
#pragma once

#include "admin/command_line.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace splitmx::test {

struct Ran {
    int code;
    std::string output;
    std::string error;
};

// `words` behind the program's name.
inline Ran run_splitmx(std::vector<std::string> const& words, std::string const& input = {}) {
    std::vector<char const*> argv{"splitmx"};
    for (auto const& word : words) argv.push_back(word.c_str());
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream error;
    int const code = admin::run(static_cast<int>(argv.size()), argv.data(), {in, out, error});
    return {code, out.str(), error.str()};
}

}  // namespace splitmx::test
