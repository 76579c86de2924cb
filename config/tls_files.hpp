// The files of [tls]: who we are towards clients, read and judged.
// The key is a path, or where else a secret may come from (config/values.hpp). Others than its
// owner and its group must not be able to read its file, and only the owner to write it.
// Threads: free functions. Errors: which of the two is wrong, one line with the file's name.
#pragma once

#include <filesystem>
#include <string>

#include "tls/identity.hpp"

namespace splitmx::config {

struct TlsFiles {
    std::filesystem::path certificate;
    std::string key;               // as in the configuration
    std::filesystem::path folder;  // where relative paths start

    bool operator==(TlsFiles const&) const = default;
};

tls::Identity::Made load_identity(TlsFiles const& files);

// Another text as soon as one of the files is another one, or was written. Where there is none it
// says so, too.
std::string stamp_of(TlsFiles const& files);

}  // namespace splitmx::config
