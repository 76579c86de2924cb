// A front end's header, read as a shell reads it: nothing behind it is ever asked for, each step
// brings it on, and it ends within its limit.
#include "smtp/proxy_header.hpp"

#include <string>
#include <variant>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const octets = fuzz::Input(data, size).rest();
    std::string known;
    for (;;) {
        auto const reading = smtp::read_proxy_header(known);
        if (std::get_if<smtp::ProxyFault>(&reading)) return 0;
        if (auto const* header = std::get_if<smtp::ProxyHeader>(&reading)) {
            demand(header->size == known.size(), "what was read is the header");
            auto const whole = smtp::read_proxy_header(octets);
            auto const* same = std::get_if<smtp::ProxyHeader>(&whole);
            demand(same && same->size == header->size, "what follows makes no difference");
            return 0;
        }
        auto const wanted = std::get<smtp::ProxyMore>(reading).octets;
        demand(wanted > 0, "each step wants something");
        demand(known.size() + wanted <= smtp::max_proxy_header + 1, "there is a limit");
        if (known.size() == octets.size()) return 0;
        known += octets.substr(known.size(), wanted);
    }
}
