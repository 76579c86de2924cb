// `splitmx import FORMAT FILE`: people and routes of another mail system, as LDIF or as sections of
// a configuration on standard output; what was skipped and rejected on standard error. Nothing is
// written anywhere else. The file is read in pieces and only once.
// Threads: blocking. Errors: printed; exit 65 where rows were rejected or the file is of no use, 64
// for wrong flags, 74 where it cannot be read or the output not be written.
#pragma once

#include "admin/import_plan.hpp"
#include "admin/verb.hpp"

namespace splitmx::admin {

ExitCode import_file(
    migration::Format format, ImportOptions const& options, Context const& context
);

}  // namespace splitmx::admin
