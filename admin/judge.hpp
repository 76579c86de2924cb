// What becomes of one recipient, for commands that act on it: asked of the running relay, or
// decided here by the same code. Threads: blocking. Errors: printed; the exit code says which kind.
#pragma once

#include "admin/daemon.hpp"
#include "admin/standpoint.hpp"
#include "admin/verb.hpp"
#include "mail/status.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "control/asking.hpp"

namespace splitmx::admin {

struct JudgedRoute {
    std::string rcpt;  // wire form
    std::string host;  // a [host.NAME], or what stands in its place
};

struct Judged {
    mail::Status reply;  // to RCPT TO
    ExitCode code = ExitCode::ok;
    std::vector<JudgedRoute> routes;
    std::vector<std::string> lines;  // for people: where it goes, then every step
    std::string summary;             // as `splitmx resolve` prints it

    bool is_accepted() const { return reply.is_positive(); }
};

class Judge {
public:
    // `offline`: by the configuration file and the directories, without the relay.
    static std::variant<Judge, ExitCode> open(
        bool offline, Context const& context, std::string_view verb
    );

    // By what it judges; the machine's facts are in it.
    config::Config const& config() const { return *stand_.config; }
    std::variant<Judged, ExitCode> ask(control::AskedWith const& with, std::string const& address);

private:
    Judge(Context const& context, std::string_view verb) : context_(context), verb_(verb) {}

    std::variant<std::string, ExitCode> decision_json(
        control::AskedWith const& with, std::string const& address
    );

    Context context_;
    std::string verb_;
    Standpoint stand_;  // without a service where the relay is asked
    std::unique_ptr<Daemon> daemon_;
};

}  // namespace splitmx::admin
