// Values that many entries share, such as domains, hosts and the upper part of a DN: each is kept
// once and known by a number. They are only ever added, so a number stays good as long as the
// dictionary; what no entry uses any more goes when a snapshot is loaded.
// Threads: id_of() from one writer at a time; operator[] from any thread, for numbers that it came
// to know through something published after them.
#pragma once

#include "mail/domain.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace splitmx::directory::copy {

inline std::string_view text_of(std::string const& word) { return word; }
inline std::string_view text_of(mail::Domain const& domain) { return domain.text(); }

template <class T>
class Dictionary {
public:
    using Id = std::uint32_t;

    Dictionary() = default;
    Dictionary(Dictionary const&) = delete;
    Dictionary& operator=(Dictionary const&) = delete;
    ~Dictionary() {
        for (auto& chunk : chunks_) delete[] chunk.load();
    }

    [[nodiscard]] Id id_of(T value) {
        auto const known = ids_.find(text_of(value));
        if (known != ids_.end()) return known->second;
        auto const id = static_cast<Id>(size_);
        auto const place = place_of(id);
        auto* chunk = chunks_[place.chunk].load(std::memory_order_relaxed);
        if (chunk == nullptr) {
            chunk = new Slot[first_chunk << place.chunk];
            chunks_[place.chunk].store(chunk, std::memory_order_release);
        }
        chunk[place.offset].value.emplace(std::move(value));
        ids_.emplace(text_of(*chunk[place.offset].value), id);
        ++size_;
        return id;
    }

    // Requires: `id` came from id_of().
    [[nodiscard]] T const& operator[](Id id) const {
        auto const place = place_of(id);
        return *chunks_[place.chunk].load(std::memory_order_acquire)[place.offset].value;
    }

    [[nodiscard]] std::size_t size() const { return size_; }  // writer

private:
    static constexpr std::size_t first_chunk = 64;  // each further one is twice as large

    struct Slot {
        std::optional<T> value;
    };
    struct Place {
        std::size_t chunk;
        std::size_t offset;
    };

    static Place place_of(Id id) {
        auto const chunk = static_cast<std::size_t>(std::bit_width(id / first_chunk + 1)) - 1;
        return {chunk, id - first_chunk * ((std::size_t{1} << chunk) - 1)};
    }

    std::array<std::atomic<Slot*>, 27> chunks_{};
    std::unordered_map<std::string_view, Id> ids_;
    std::size_t size_ = 0;
};

}  // namespace splitmx::directory::copy
