// From the id of a message to the number of its entry: an open table of four octets a place, at
// most three quarters full. The ids are in the entries; `id_of` gives them.
// Threads: one at a time. Requires: no id is put in twice.
#pragma once

#include "spool/spool_id.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::spool {

class IdTable {
public:
    using Number = std::uint32_t;

    std::size_t size() const { return size_; }

    template <class IdOf>
    std::optional<Number> find(SpoolId id, IdOf const& id_of) const {
        if (size_ == 0) return std::nullopt;
        for (auto place = home(id); places_[place] != none; place = next(place)) {
            if (id_of(places_[place]) == id) return places_[place];
        }
        return std::nullopt;
    }

    template <class IdOf>
    void add(SpoolId id, Number number, IdOf const& id_of) {
        if ((size_ + 1) * 4 > places_.size() * 3) grow(id_of);
        put(id, number);
        ++size_;
    }

    // What stands behind it moves up, so that no place is empty between an entry and its home.
    template <class IdOf>
    void remove(SpoolId id, IdOf const& id_of) {
        if (size_ == 0) return;
        auto hole = home(id);
        while (places_[hole] != none && id_of(places_[hole]) != id) hole = next(hole);
        if (places_[hole] == none) return;
        for (auto place = next(hole); places_[place] != none; place = next(place)) {
            auto const from_home = distance(home(id_of(places_[place])), place);
            if (from_home < distance(hole, place)) continue;
            places_[hole] = places_[place];
            hole = place;
        }
        places_[hole] = none;
        --size_;
    }

private:
    static constexpr Number none = 0xffffffffU;
    static constexpr std::size_t least_places = 16;

    std::size_t next(std::size_t place) const { return (place + 1) & (places_.size() - 1); }
    std::size_t distance(std::size_t from, std::size_t to) const {
        return (to - from) & (places_.size() - 1);
    }
    std::size_t home(SpoolId id) const {
        auto const mixed = id.value() * 0x9e3779b97f4a7c15U;
        return static_cast<std::size_t>(mixed >> (64 - std::countr_zero(places_.size())));
    }
    void put(SpoolId id, Number number) {
        auto place = home(id);
        while (places_[place] != none) place = next(place);
        places_[place] = number;
    }
    template <class IdOf>
    void grow(IdOf const& id_of) {
        auto const size = places_.empty() ? least_places : places_.size() * 2;
        auto const old = std::exchange(places_, std::vector<Number>(size, none));
        for (auto const number : old) {
            if (number != none) put(id_of(number), number);
        }
    }

    std::vector<Number> places_;  // a power of two
    std::size_t size_ = 0;
};

}  // namespace splitmx::spool
