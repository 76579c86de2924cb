// Whether a name and a password belong together, by the directories that let people log in: the
// entry is found by the filter of [directory.NAME] login, then a connection of its own is bound
// with its DN and the password. A name is a value in the filter, whatever is in it. An empty
// password is wrong without asking: a server would take it for no wish to prove anything (RFC
// 4513 5.1.2). "Wrong" is said only by a server; one that cannot be reached, or whose answer is
// about something else, leaves it unknowable. Threads: blocks, for the directory's timeout a step;
// on a thread for such waits, any number at once. Errors: part of the answer. The program must
// ignore SIGPIPE.
#pragma once

#include "config/config.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace splitmx::directory {

enum class LoginAnswer { right, wrong, unknowable };

struct LoginOutcome {
    LoginAnswer answer = LoginAnswer::unknowable;
    std::string detail;  // for the log: whose DN, or why not
};

bool lets_people_log_in(std::vector<config::Directory> const& directories);

LoginOutcome check_login(
    std::vector<config::Directory> const& directories,
    std::string const& login,
    std::string const& password,
    std::stop_token const& stop
);

}  // namespace splitmx::directory
