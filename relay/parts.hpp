// What every session and courier is given: the parts of the running relay, none of them owned.
// Threads: each part says so itself; the struct is filled before the loops start and then only
// read.
#pragma once

#include "config/config.hpp"
#include "directory/directory_service.hpp"
#include "observe/log.hpp"
#include "relay/host_gate.hpp"
#include "resolver/routing_table.hpp"
#include "smtp/net/admission.hpp"
#include "smtp/net/candidates.hpp"
#include "smtp/net/dns.hpp"
#include "spool/lmdb_store.hpp"
#include "spool/schedule.hpp"
#include "spool/spool_thread.hpp"

#include <boost/asio/thread_pool.hpp>

namespace splitmx::relay {

struct Parts {
    config::Config const& config;
    resolver::RoutingTablePtr table;
    directory::DirectoryService& directory;
    spool::LmdbStore& store;
    spool::SpoolThread& spool;
    spool::SpoolIdSource& ids;
    smtp::net::DnsResolver& dns;
    smtp::net::SelfTest self;
    smtp::net::Admission& admission;
    observe::Log& log;
    HostGates& gates;
    boost::asio::thread_pool& disk;  // for waits that would hold up a loop
    spool::RetrySchedule schedule;
};

}  // namespace splitmx::relay
