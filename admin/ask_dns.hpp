// Asks the DNS what lint wants to know, all questions at once. A question that stays open is no
// fact. Threads: blocking, at most the time of one question. Errors: no resolver can be set up.
#pragma once

#include "config/config.hpp"
#include "dns/resolver.hpp"
#include "lint/dns_facts.hpp"
#include "mail/result.hpp"

namespace splitmx::admin {

dns::Settings dns_settings(config::Dns const& dns);

// Of `config`: its [dns] section, and who this machine is.
mail::Result<lint::DnsFacts> ask_dns(
    lint::DnsQuestions const& questions, config::Config const& config
);

}  // namespace splitmx::admin
