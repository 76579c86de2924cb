// Content on the wire. Where the pieces are cut makes no difference, and what the reader takes, the
// writer gives back so that the next reader takes the same.
#include "smtp/data_reader.hpp"
#include "smtp/data_writer.hpp"

#include <string>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

namespace {

struct Outcome {
    std::string content;
    std::size_t used = 0;
    bool ended = false;
    std::optional<smtp::ContentFault> fault;

    // Of several faults in one message, cuts may choose which is told.
    bool operator==(Outcome const& other) const {
        return content == other.content && used == other.used && ended == other.ended &&
               fault.has_value() == other.fault.has_value();
    }
};

Outcome read(std::string_view octets, std::size_t piece) {
    smtp::DataReader reader(10'000);
    Outcome outcome;
    while (!octets.empty() && !reader.has_ended()) {
        auto const offered = octets.substr(0, piece);
        auto const used = reader.read(offered, outcome.content);
        demand(used <= offered.size(), "no more is used than there is");
        demand(used == offered.size() || reader.has_ended(), "all is used before the end");
        outcome.used += used;
        octets.remove_prefix(used);
    }
    outcome.ended = reader.has_ended();
    outcome.fault = reader.fault();
    if (outcome.fault) outcome.content.clear();  // nobody looks at it any more
    return outcome;
}

std::string write(std::string_view content, std::size_t piece) {
    smtp::DataWriter writer;
    std::vector<std::string_view> pieces;
    for (; !content.empty(); content.remove_prefix(std::min(piece, content.size()))) {
        writer.write(content.substr(0, piece), pieces);
    }
    writer.finish(pieces);
    std::string wire;
    for (auto const one : pieces) wire += one;
    return wire;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    std::size_t const piece = 1 + input.octet();
    auto const octets = input.rest();
    auto const whole = read(octets, octets.size() + 1);
    demand(read(octets, piece) == whole, "cuts make no difference");
    demand(read(octets, 1) == whole, "single octets make no difference");
    if (!whole.ended || whole.fault) return 0;
    auto const wire = write(whole.content, piece);
    auto const again = read(wire, wire.size());
    demand(again.ended && !again.fault, "what was taken can be given on");
    demand(again.used == wire.size(), "nothing is behind the end");
    demand(again.content == whole.content, "content stays as it is");
    return 0;
}
