// `splitmx recipient show|add|convert|remove`: prints what would be changed, as LDIF behind
// comments that say what becomes of the mail; with --apply it is done as well. What speaks against
// a change keeps it from being done unless --force is given. Threads: blocking. Errors: printed.
#pragma once

#include "admin/recipient_plan.hpp"
#include "admin/verb.hpp"

#include <string>
#include <vector>

namespace splitmx::admin {

struct ApplyOptions {
    std::string directory;
    bool apply = false;
    bool force = false;
    std::string bind_dn;
    std::string password_file;
};

struct ShowOptions {
    std::string address;
    std::string directory;
    bool json = false;
};
ExitCode show_recipient(ShowOptions const& options, Context const& context);

struct AddOptions {
    bool custom = false;
    std::vector<std::string> addresses;  // the first is the primary one
    std::string target;
    std::string host;
    NewEntryPlace place;
    ApplyOptions apply;
};
ExitCode add_recipient(AddOptions const& options, Context const& context);

struct ConvertOptions {
    std::string address;
    std::string target;  // given: becomes a custom recipient, else a mailbox
    std::string host;
    ApplyOptions apply;
};
ExitCode convert_recipient(ConvertOptions const& options, Context const& context);

struct RemoveOptions {
    std::string address;
    bool address_only = false;
    ApplyOptions apply;
};
ExitCode remove_recipient(RemoveOptions const& options, Context const& context);

}  // namespace splitmx::admin
