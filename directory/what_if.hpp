// The directories as they would be after a change of one entry: the same answers, but for that
// entry. Threads: as the service it asks. Ownership: refers to the service, which outlives it.
// Errors: as the service's; what a source cannot tell stays unknown.
#pragma once

#include "directory/directory_service.hpp"
#include "directory/source.hpp"

#include <memory>

namespace splitmx::directory {

// `now` is the entry after the change; null where it is gone.
[[nodiscard]] std::unique_ptr<DirectoryService> what_if(
    DirectoryService& present, resolver::EntryName changed, resolver::RecipientPtr now
);

}  // namespace splitmx::directory
