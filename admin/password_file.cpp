#include "admin/password_file.hpp"

#include <fstream>

namespace splitmx::admin {

std::optional<std::string> read_password(std::string const& file) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return std::nullopt;
    return line;
}

}  // namespace splitmx::admin
