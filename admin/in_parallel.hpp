// Work that falls into pieces, on all processors. Threads: waits until every piece is done; `work`
// is called on several. Errors: an exception ends the program.
#pragma once

#include <cstddef>
#include <functional>

namespace splitmx::admin {

// work(piece) for each piece from 0. A single piece is done on the caller's thread.
void in_parallel(std::size_t pieces, std::function<void(std::size_t)> const& work);

}  // namespace splitmx::admin
