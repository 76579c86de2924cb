// What the questions of `splitmx setup` about a directory share: the answers so far, and what the
// server showed. Internal to setup_server.cpp and setup_people.cpp. Threads: one; blocking.
#pragma once

#include "admin/setup_directory.hpp"
#include "config/config.hpp"

namespace splitmx::admin {

struct DirectoryTalk {
    SetupOptions& options;
    std::filesystem::path folder;  // of the configuration
    Interview& interview;
    SetupPlan& plan;
    SetupDirectory result{};
    directory::SeenServer seen{};
    std::vector<schema::Guess> guesses{};

    // What the configuration makes of the answers so far, with the password that is known.
    std::optional<config::Directory> directory() const;
    Trouble trouble_of(ldap::Error const& error) const;
    // Said now, and once more among what is to be done.
    void warn(std::string const& text);
};

// Which server, as whom. False: the command ends with the interview's code; so below.
bool ask_server(DirectoryTalk& talk);
// Where in it, what its entries mean, and who there is.
bool ask_people(DirectoryTalk& talk);

// Its people are the samples. None: it has some.
std::optional<Trouble> read_sample_file(DirectoryTalk& talk, std::string const& path);

}  // namespace splitmx::admin
