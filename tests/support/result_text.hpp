// How Catch prints a Result of any room: its error in words. Include it before the first CHECK of
// one, else Catch tries Boost's printing, which needs a value that prints.
#pragma once

#include <boost/system/result.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace Catch {

template <class T, class E>
struct StringMaker<boost::system::result<T, E>> {
    static std::string convert(boost::system::result<T, E> const& result) {
        return result.has_value() ? "a value" : "error: " + result.error().what;
    }
};

}  // namespace Catch
