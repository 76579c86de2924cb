// How many files and sockets this process may have open. Threads: any.
#pragma once

#include <cstddef>

namespace splitmx::relay {

// Raises the soft limit to the hard one, as far as that is possible. The limit that counts now.
std::size_t raise_descriptor_limit();

}  // namespace splitmx::relay
