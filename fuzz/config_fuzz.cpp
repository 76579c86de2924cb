// A configuration file that anybody wrote: it is taken, or refused with a reason.
#include "config/read.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "fuzz/input.hpp"

using namespace splitmx;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    int const file = memfd_create("splitmx.toml", MFD_CLOEXEC);
    demand(file >= 0, "a file in memory");
    demand(write(file, data, size) == static_cast<ssize_t>(size), "it is written");
    auto const path = "/proc/self/fd/" + std::to_string(file);
    for (auto const purpose :
         {config::Purpose::serve, config::Purpose::look_up, config::Purpose::inspect}) {
        auto const loaded = config::load(path, purpose);
        demand(loaded.config || !loaded.report.empty(), "a refusal has a reason");
        demand(loaded.findings.empty() == loaded.report.empty(), "findings are told");
    }
    close(file);
    return 0;
}
