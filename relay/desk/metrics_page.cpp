#include "relay/desk/metrics_page.hpp"

#include "observe/exposition.hpp"

#include <algorithm>
#include <map>

namespace splitmx::relay::desk {

namespace {

using observe::Exposition;
using enum Exposition::Kind;

double number(auto value) { return static_cast<double>(value); }

double seconds(mail::Instant instant) {
    auto const since =
        std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch());
    return number(since.count()) / 1000.0;
}

double age(mail::Instant since, mail::Instant now) {
    return std::max(0.0, seconds(now) - seconds(since));
}

void add_counts(
    Exposition& out, observe::Counts const& counts, char const* first, char const* second
) {
    for (auto const& [outer, inner] : counts) {
        for (auto const& [name, count] : inner) {
            observe::MetricLabels labels{{first, outer}};
            if (second) labels.emplace_back(second, name);
            out.add(std::move(labels), number(count));
        }
    }
}

void add_relay(Exposition& out, Facts const& facts) {
    out.family(gauge, "splitmx_build_info", "The version that runs; always 1.");
    out.add({{"version", facts.version}}, 1);
    out.family(gauge, "splitmx_start_time_seconds", "When the relay started.");
    out.add(seconds(facts.started));
    auto const& last = facts.last_reload;
    out.family(
        gauge, "splitmx_config_last_reload_successful", "Whether the last configuration was taken."
    );
    out.add(!last || last->done ? 1 : 0);
    out.family(gauge, "splitmx_config_generation", "Configurations taken since the start.");
    out.add(number(facts.generation));
    if (!last || last->done) {
        out.family(
            gauge,
            "splitmx_config_last_reload_success_timestamp_seconds",
            "When the configuration in force was taken; absent after one that was refused."
        );
        out.add(seconds(last ? last->at : facts.started));
    }
}

// A counter that is not there yet would be missed when it comes: 250 always is.
void add_replies(Exposition& out, Facts const& facts) {
    std::map<std::string, std::map<int, std::uint64_t>> replies;
    for (auto const& view : facts.listeners) {
        auto& codes = replies[view.name];
        codes.try_emplace(250, 0);
        for (auto const& [code, count] : view.replies) codes[code] += count;
    }
    out.family(counter, "splitmx_smtp_replies_total", "Replies to clients, by code.");
    for (auto const& [listener, codes] : replies) {
        for (auto const& [code, count] : codes) {
            out.add({{"listener", listener}, {"code", std::to_string(code)}}, number(count));
        }
    }
}

void add_decisions(Exposition& out, Facts const& facts) {
    out.family(counter, "splitmx_decisions_total", "Recipients of clients, by what was decided.");
    add_counts(out, facts.sums.decisions, "domain", "outcome");
    out.histogram_family(
        "splitmx_resolve_duration_seconds",
        "Time to decide about the recipients of one burst of RCPT commands."
    );
    auto const add = [&out](char const* source, Durations::Sum const& sum) {
        out.add_histogram({{"source", source}}, Durations::bounds, sum.counts, sum.seconds);
    };
    add("memory", facts.resolved_from_memory);
    add("server", facts.resolved_by_asking);
}

void add_clients(Exposition& out, Facts const& facts) {
    // Several addresses of one listener have one name.
    std::map<std::string, std::size_t> sessions;
    for (auto const& view : facts.listeners) sessions[view.name] += view.sessions;
    out.family(gauge, "splitmx_smtp_connections", "Clients that are connected.");
    for (auto const& [name, count] : sessions) out.add({{"listener", name}}, number(count));
    auto const& sums = facts.sums;
    out.family(counter, "splitmx_smtp_connections_total", "Clients that came.");
    add_counts(out, sums.connections, "listener", "result");
    out.family(counter, "splitmx_messages_received_total", "Messages taken over with 250.");
    add_counts(out, sums.messages, "listener", nullptr);
    out.histogram_family("splitmx_message_size_bytes", "Size of the messages taken over.");
    out.add_histogram({}, observe::size_bounds, sums.sizes.counts, sums.sizes.sum);
}

void add_directories(Exposition& out, Facts const& facts) {
    auto const each = [&](char const* name, char const* help, auto&& value) {
        out.family(gauge, name, help);
        for (auto const& [directory, health] : facts.directories) value(directory, health);
    };
    each(
        "splitmx_directory_up",
        "Whether the directory knows all its people now: a fresh copy, or questions one by one.",
        [&](auto const& name, auto const& health) {
            bool const up = health.state >= directory::State::direct;
            out.add({{"directory", name}}, up ? 1 : 0);
        }
    );
    each(
        "splitmx_directory_last_contact_timestamp_seconds",
        "When the directory was last heard of.",
        [&](auto const& name, auto const& health) {
            out.add({{"directory", name}}, seconds(facts.now) - health.age_s);
        }
    );
    each(
        "splitmx_directory_entries",
        "Entries in the copy of the directory.",
        [&](auto const& name, auto const& health) {
            if (!health.copy) return;
            auto const& counts = health.copy->counts;
            auto const add = [&](char const* kind, std::size_t count) {
                out.add({{"directory", name}, {"kind", kind}}, number(count));
            };
            add("mailbox", counts.mailboxes);
            add("custom_recipient", counts.custom_recipients);
            add("group", counts.groups);
            add("other", counts.others);
        }
    );
    each(
        "splitmx_directory_skipped_addresses",
        "Addresses of other systems in the copy of the directory, by type.",
        [&](auto const& name, auto const& health) {
            if (!health.copy) return;
            for (auto const& [type, count] : health.copy->foreign_addresses) {
                out.add({{"directory", name}, {"type", type}}, number(count));
            }
        }
    );
    each(
        "splitmx_directory_problems",
        "What the copy of the directory complains of.",
        [&](auto const& name, auto const& health) {
            if (health.copy) out.add({{"directory", name}}, number(health.copy->problems.size()));
        }
    );
    out.family(
        counter,
        "splitmx_directory_changes_total",
        "Entries that were changed in the copy of the directory since the start."
    );
    for (auto const& [directory, health] : facts.directories) {
        if (health.copy) out.add({{"directory", directory}}, number(health.copy->changes));
    }
}

void add_queue(Exposition& out, QueueTotals const& totals, mail::Instant now) {
    out.family(gauge, "splitmx_queue_messages", "Messages in the queue, by state.");
    auto const busy = totals.deferred + totals.in_delivery + totals.held;
    out.add({{"state", "deferred"}}, number(totals.deferred));
    out.add({{"state", "delivering"}}, number(totals.in_delivery));
    out.add({{"state", "held"}}, number(totals.held));
    out.add({{"state", "new"}}, number(totals.messages - std::min(totals.messages, busy)));
    out.family(gauge, "splitmx_queue_bytes", "Size of the messages in the queue.");
    out.add(number(totals.octets));
    out.family(
        gauge,
        "splitmx_queue_oldest_age_seconds",
        "Age of the oldest message; 0 where there is none."
    );
    out.add(totals.oldest ? age(*totals.oldest, now) : 0);
    // No histogram, since messages leave it again; and `le` is a label of histograms alone.
    out.family(
        gauge, "splitmx_queue_messages_by_age", "Messages that are at most so old, in seconds."
    );
    std::size_t so_far = 0;
    constexpr auto const& minutes = spool::QueueIndex::age_minutes;
    for (std::size_t i = 0; i < totals.by_age.size(); ++i) {
        so_far += totals.by_age[i];
        auto most = i < minutes.size() ? std::to_string(minutes[i] * 60) : std::string("+Inf");
        out.add({{"max_age", std::move(most)}}, number(so_far));
    }
}

// Only what the configuration names: others come and go with the mail.
void add_hosts(Exposition& out, std::vector<HostView> const& all, observe::Names const& known) {
    std::vector<HostView const*> hosts;
    for (auto const& host : all) {
        if (known.contains(host.name)) hosts.push_back(&host);
    }
    auto const each = [&](char const* name, char const* help, auto&& value) {
        out.family(gauge, name, help);
        for (auto const* host : hosts) out.add({{"host", host->name}}, number(value(*host)));
    };
    each(
        "splitmx_host_up",
        "Whether mail goes to the host: neither down nor paused.",
        [](auto const& host) { return host.condition == HostCondition::up ? 1 : 0; }
    );
    each("splitmx_host_paused", "Whether an operator has paused it.", [](auto const& host) {
        return host.condition == HostCondition::paused ? 1 : 0;
    });
    each(
        "splitmx_host_queue_messages",
        "Messages that still have to go there.",
        [](auto const& host) { return host.waiting; }
    );
    each("splitmx_host_connections", "Connections to it.", [](auto const& host) {
        return host.connections;
    });
}

void add_deliveries(Exposition& out, Facts const& facts) {
    auto const& sums = facts.sums;
    out.family(counter, "splitmx_delivery_attempts_total", "Attempts for one recipient.");
    add_counts(out, sums.attempts, "host", "result");
    out.histogram_family(
        "splitmx_delivery_duration_seconds",
        "From the arrival of a message until the next hop took it for a recipient."
    );
    for (auto const& [host, delay] : sums.delays) {
        out.add_histogram({{"host", host}}, observe::delay_bounds, delay.counts, delay.sum);
    }
    out.family(counter, "splitmx_ndr_total", "Reports to senders.");
    add_counts(out, sums.reports, "kind", "reason");
}

void add_spool(Exposition& out, Facts const& facts) {
    out.family(gauge, "splitmx_spool_free_bytes", "Free space of the spool's disk.");
    out.add(number(facts.disk_left));
    out.family(gauge, "splitmx_spool_used_bytes", "Used by the spool's data base.");
    out.add(number(facts.spool.used));
    out.family(gauge, "splitmx_spool_limit_bytes", "What the data base may use; 0: no limit.");
    out.add(number(facts.spool.limit));
    out.family(gauge, "splitmx_spool_damaged_messages", "Messages that were set aside.");
    out.add(number(facts.spool.damaged));
    out.family(
        gauge, "splitmx_spool_degraded", "1 while mail goes to the disk without the journal, more slowly."
    );
    out.add(facts.spool.is_degraded ? 1 : 0);
    out.family(gauge, "splitmx_spool_takes_mail", "0 while clients are told 452.");
    out.add(facts.pressure ? 0 : 1);
}

}  // namespace

std::string metrics_page(Facts const& facts) {
    Exposition out;
    add_relay(out, facts);
    add_clients(out, facts);
    add_replies(out, facts);
    add_decisions(out, facts);
    add_directories(out, facts);
    if (facts.queue) {
        add_queue(out, facts.queue->totals, facts.now);
        add_hosts(out, facts.queue->hosts, facts.known_hosts);
    }
    add_deliveries(out, facts);
    add_spool(out, facts);
    return out.text();
}

}  // namespace splitmx::relay::desk
