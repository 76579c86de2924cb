// Answers what administrators ask over the control socket, and does what they want done. Whatever
// changes something is written to the log as an AdminAction, with who asked and what it hit.
// Threads: the main loop's; reading the spool happens on the pool for that. Ownership: refers to
// parts of the service, which outlive it. Errors: to the client, with an exit code.
#pragma once

#include "control/filter_json.hpp"
#include "relay/certificate_keeper.hpp"
#include "relay/desk/control_session.hpp"
#include "relay/listeners.hpp"
#include "relay/log_level.hpp"
#include "relay/parts.hpp"
#include "relay/queue_service.hpp"
#include "relay/sandbox.hpp"
#include "relay/settings_keeper.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <string>
#include <unordered_set>
#include <vector>

namespace splitmx::relay {
class UnfoundX500;
}

namespace splitmx::relay::desk {

class ControlDesk {
public:
    struct Grounds {
        boost::asio::io_context& main;
        Parts& parts;
        SettingsKeeper& keeper;
        Listeners& listeners;
        QueueService& queue;
        CertificateKeeper const& certificates;
        Sandbox const& sandbox;
        UnfoundX500 const& unfound_x500;
        std::string version;
    };

    explicit ControlDesk(Grounds grounds);

    // False: the client is gone.
    boost::asio::awaitable<bool> answer(ControlSession& session, control::Request const& request);

private:
    using Reply = boost::asio::awaitable<bool>;
    using Verb = Reply (ControlDesk::*)(ControlSession&, control::json::object const&);
    struct Named {
        char const* name;
        Verb verb;
    };

    // control_status.cpp
    Reply status(ControlSession& session, control::json::object const& arguments);
    Reply list_hosts(ControlSession& session, control::json::object const& arguments);
    Reply pause_host(ControlSession& session, control::json::object const& arguments);
    Reply resume_host(ControlSession& session, control::json::object const& arguments);
    Reply reload(ControlSession& session, control::json::object const& arguments);
    Reply say_host_change(
        ControlSession& session,
        std::string verb,
        std::string name,
        std::string what,
        HostAnswer answer
    );
    control::json::object status_object(QueueSnapshot const& snapshot) const;
    // control_queue.cpp
    Reply list_queue(ControlSession& session, control::json::object const& arguments);
    Reply show_message(ControlSession& session, control::json::object const& arguments);
    Reply export_message(ControlSession& session, control::json::object const& arguments);
    Reply change_queue(ControlSession& session, control::json::object const& arguments);
    boost::asio::awaitable<std::vector<spool::SpoolId>> find(queue::Filter filter);
    // control_directory.cpp
    Reply directory_status(ControlSession& session, control::json::object const& arguments);
    Reply read_directory_again(ControlSession& session, control::json::object const& arguments);
    Reply list_recipients(ControlSession& session, control::json::object const& arguments);
    Reply accept_removals(ControlSession& session, control::json::object const& arguments);
    // control_x500.cpp
    Reply list_unfound_x500(ControlSession& session, control::json::object const& arguments);
    // control_log.cpp
    Reply log_level(ControlSession& session, control::json::object const& arguments);
    control::json::object levels_now(std::string const& word) const;
    // control_live.cpp
    Reply trace_live(ControlSession& session, control::json::object const& arguments);
    // control_resolve.cpp
    Reply show_config(ControlSession& session, control::json::object const& arguments);
    Reply resolve(ControlSession& session, control::json::object const& arguments);
    boost::asio::awaitable<std::vector<std::string>> near_texts(
        SettingsPtr settings, std::vector<mail::Mailbox> unknown
    );

    boost::asio::awaitable<QueueSnapshot> snapshot();
    // Those that are there, in this order.
    boost::asio::awaitable<std::vector<spool::QueueItem>> read(std::vector<spool::SpoolId> ids);
    void audit(ControlPeer const& peer, std::string verb, std::string what, std::string result);

    void audit_hits(
        ControlPeer const& peer,
        std::string const& verb,
        std::string const& what,
        std::vector<std::string> const& ids
    );

    static std::vector<Named> const verbs;

    Grounds grounds_;
    LogLevel log_level_;
    mail::Instant started_;
};

}  // namespace splitmx::relay::desk
