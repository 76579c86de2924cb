// `splitmx doctor`: everything around a configuration that could keep it from working, with what
// mends it; whether the relay runs or not. Nothing is changed, and no mail is sent. Threads:
// blocking. Errors: 0 nothing that stops mail, 1 warnings with --strict, 78 the configuration, 69 a
// directory, a host or a port, 77 or 73 files, 74 the disk, 65 anything else; of several, the
// worst.
#pragma once

#include "admin/verb.hpp"

namespace splitmx::admin {

struct DoctorOptions {
    bool json = false;
    bool strict = false;
    bool no_network = false;
};

ExitCode examine(DoctorOptions const& options, Context const& context);

}  // namespace splitmx::admin
