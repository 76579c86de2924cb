// One answer from several directories. Every directory is asked: found in two is ambiguous, found
// in one counts even while another is silent, and "nobody" needs the word of all of them. Threads:
// pure. Source: contract of several directories; Q251152.
#pragma once

#include "resolver/directory.hpp"

#include <span>

namespace splitmx::directory {

resolver::Answer merge(std::span<resolver::Answer const> answers);

}  // namespace splitmx::directory
