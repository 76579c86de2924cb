#include "admin/complaint.hpp"

#include <ostream>

namespace splitmx::admin {

ExitCode complain(
    Context const& context, std::string_view verb, ExitCode code, std::string_view text
) {
    context.streams.error << "splitmx " << verb << ": " << text << "\n";
    return code;
}

}  // namespace splitmx::admin
