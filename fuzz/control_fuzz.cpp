// Lines of the control socket, from a tool or to it.
#include <algorithm>

#include "control/asking.hpp"
#include "control/filter_json.hpp"
#include "control/protocol.hpp"
#include "fuzz/input.hpp"
#include "queue/row.hpp"

using namespace splitmx;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    while (!input.empty()) {
        auto const line = input.line();
        if (auto const request = control::decode_request(line)) {
            auto const text = control::encode(*request);
            demand(std::count(text.begin(), text.end(), '\n') == 1, "a request is one line");
            (void)control::read_format(request->arguments);
            (void)control::read_asker(control::read_flags(request->arguments));
            if (auto const filter = control::read_filter(request->arguments)) {
                demand(
                    control::to_text(*filter).find_first_of("\r\n") == std::string::npos,
                    "a filter is one line of the audit log"
                );
            }
        }
        if (auto const answer = control::decode_answer(line)) {
            auto const text = control::encode(*answer);
            demand(std::count(text.begin(), text.end(), '\n') == 1, "an answer is one line");
        }
        if (auto const row = queue::from_json(line)) {
            auto const again = queue::from_json(queue::to_json(*row));
            demand(again && *again == *row, "a row is the same behind the socket");
        }
        demand(control::text_to_octets(control::octets_to_text(line)) == line, "octets stay");
    }
    return 0;
}
