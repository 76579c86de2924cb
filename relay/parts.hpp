// What every session and courier is given: the parts of the running relay, none of them owned.
// Threads: each part says so itself; the struct is filled before the loops start and then only
// read.
#pragma once

#include "mail/sip_hash.hpp"
#include "observe/log.hpp"
#include "relay/damage_notices.hpp"
#include "relay/host_book.hpp"
#include "relay/login_desk.hpp"
#include "relay/settings.hpp"
#include "smtp/net/admission.hpp"
#include "smtp/net/rate_book.hpp"
#include "spool/body_file.hpp"
#include "spool/spool_thread.hpp"
#include "spool/store.hpp"
#include "tls/context.hpp"

#include <boost/asio/thread_pool.hpp>

namespace splitmx::relay {

class LiveFeed;
class Meters;

// What clients have done within a minute.
struct Rates {
    smtp::net::RateBook messages;
    smtp::net::RateBook recipients;
};

struct Parts {
    Present<Settings> const& present;
    Present<tls::Context> const& certificates;  // null: we have none
    spool::Store& store;
    spool::BodyDirectory& bodies;
    spool::SpoolThread& spool;
    spool::SpoolIdSource& ids;
    smtp::net::Admission& admission;
    Rates& rates;
    observe::Log& log;
    LiveFeed& live;
    Meters& meters;
    HostBook& hosts;
    DamageNotices& damage_notices;
    LoginDesk& logins;
    boost::asio::thread_pool& disk;  // for waits that would hold up a loop
    mail::SipKey pass_key;           // of this relay's marks (second_pass.hpp)

    // What the configuration says now. Take it once for everything that must fit together.
    SettingsPtr settings() const { return present.get(); }
};

}  // namespace splitmx::relay
