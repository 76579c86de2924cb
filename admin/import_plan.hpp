// From the flags of `splitmx import` to what is to be done. Threads: pure function.
// Errors: a text that says what to write instead.
#pragma once

#include "migration/import.hpp"

#include <string>
#include <variant>

namespace splitmx::admin {

struct ImportOptions {
    std::string file;  // "-" is standard input
    std::string base;  // needed for LDIF
    std::string profile = "laser";
    std::string domains;   // with commas; empty: any
    std::string encoding;  // empty: found out
    std::string mail_host;
    std::string mail_host_column;
    std::string kind;   // "mailbox", "contact"
    std::string from;   // profile of an LDIF file
    std::string map;    // of Postfix; empty: by the file's name
    std::string write;  // "ldif", "toml"; empty: as the map is
    bool json = false;
};

struct ImportPlan {
    migration::Settings settings;
    bool people = true;  // are written, and not routes
};

std::variant<ImportPlan, std::string> plan_import(
    migration::Format format, ImportOptions const& options
);

}  // namespace splitmx::admin
