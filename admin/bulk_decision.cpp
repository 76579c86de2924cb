#include "admin/bulk_decision.hpp"

#include "admin/in_parallel.hpp"
#include "directory/decide.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::admin {

std::vector<resolver::Decision> decide_all(
    Grounds const& grounds, control::Asker const& asker, std::span<std::string const> addresses
) {
    control::Batch batch(addresses, asker);
    auto const queries = batch.take_queries();
    return batch.finish(directory::decide_now(grounds.service, grounds.table, queries));
}

std::size_t piece_count(std::size_t addresses) {
    return (addresses + addresses_a_piece - 1) / addresses_a_piece;
}

void for_each_piece(std::span<std::string const> addresses, Piece const& work) {
    in_parallel(piece_count(addresses.size()), [&](std::size_t piece) {
        auto const first = piece * addresses_a_piece;
        auto const size = std::min(addresses_a_piece, addresses.size() - first);
        work(piece, first, addresses.subspan(first, size));
    });
}

}  // namespace splitmx::admin
