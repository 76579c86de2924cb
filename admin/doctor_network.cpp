#include "admin/doctor_network.hpp"

#include "admin/ask_dns.hpp"
#include "admin/host_test.hpp"
#include "admin/in_parallel.hpp"
#include "lint/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "tls/identity_names.hpp"

namespace splitmx::admin {

namespace {

constexpr mail::Duration answer_limit{10'000};

// Those that only an answer of the DNS brings about; the others are of `directory lint`.
bool is_of_dns(lint::Finding const& finding) {
    switch (finding.rule) {
        case lint::Rule::mx_elsewhere:
        case lint::Rule::subdomain_elsewhere:
        case lint::Rule::host_not_found:
        case lint::Rule::own_host:
            return true;
        default:
            return false;
    }
}

DoctorLevel level_of(lint::Severity severity) {
    switch (severity) {
        case lint::Severity::error:
            return DoctorLevel::error;
        case lint::Severity::warning:
            return DoctorLevel::warning;
        case lint::Severity::info:
            break;
    }
    return DoctorLevel::note;
}

DoctorFindings findings_of_dns(
    config::Config const& config, lint::People const& people, lint::DnsFacts const& facts
) {
    DoctorFindings findings;
    for (auto const& one : lint::lint(people, config.routing, facts)) {
        if (!is_of_dns(one)) continue;
        auto const& rule = lint::info(one.rule);
        findings.push_back(finding(
            "dns-record",
            level_of(rule.severity),
            fmt::format("{} ({})", one.text, rule.id),
            one.advice
        ));
    }
    return findings;
}

// Silence is told of, since nothing follows from it.
void add_silence(
    DoctorFindings& findings, lint::DnsQuestions const& questions, lint::DnsFacts const& facts
) {
    std::vector<std::string> silent;
    for (auto const& domain : questions.exchangers_of) {
        if (!facts.exchangers.contains(domain.text())) silent.push_back("MX of " + domain.text());
    }
    for (auto const& host : questions.addresses_of) {
        if (!facts.addresses.contains(host.text())) silent.push_back("addresses of " + host.text());
    }
    if (silent.empty()) return;
    auto text = fmt::format("no answer about the {}", silent.front());
    if (silent.size() > 1) text += fmt::format(", and about {} more", silent.size() - 1);
    findings.push_back(finding(
        "dns-silent",
        std::move(text),
        "see whether the name servers of /etc/resolv.conf, or of [dns] servers, can be reached"
    ));
}

// What went wrong last at an address: the end of its dialogue.
std::string last_words(AddressTest const& address) {
    for (auto line = address.lines.rbegin(); line != address.lines.rend(); ++line) {
        if (line->kind != HostTestLine::Kind::sent && line->text != "closed") return line->text;
    }
    return "no answer";
}

DoctorFinding judge_host(HostTest const& test) {
    auto const fix = fmt::format("splitmx host test {} shows the whole dialogue", test.host);
    if (!test.trouble.empty()) {
        return finding("host-down", fmt::format("{}: {}", test.host, test.trouble), fix);
    }
    auto const working = std::count_if(
        test.addresses.begin(), test.addresses.end(), [](auto const& one) { return one.works; }
    );
    auto const broken = std::find_if(
        test.addresses.begin(), test.addresses.end(), [](auto const& one) { return !one.works; }
    );
    if (broken == test.addresses.end()) {
        return finding("host", fmt::format("{}: {} takes mail", test.host, test.configured));
    }
    return finding(
        working > 0 ? "host-partly" : "host-down",
        fmt::format("{}: {}: {}", test.host, broken->name, last_words(*broken)),
        fix
    );
}

}  // namespace

DoctorFindings judge_certificate(config::Config const& config, mail::Instant now) {
    if (!config.tls.identity) {
        return {finding(
            "certificate-none",
            "[tls] has no certificate: clients cannot use TLS",
            "[tls] certificate and key name one"
        )};
    }
    auto const& identity = *config.tls.identity;
    DoctorFindings findings;
    if (auto trouble = tls::validity_trouble(identity, now); !trouble.empty()) {
        findings.push_back(finding(
            "certificate-validity",
            identity.not_after() < now ? DoctorLevel::error : DoctorLevel::warning,
            std::move(trouble),
            "renew it; the relay takes the new file while it runs"
        ));
    }
    auto const& hostname = config.server.hostname.text();
    if (!tls::is_for(identity, hostname)) {
        findings.push_back(finding(
            "certificate-name",
            fmt::format("it is for {}, and not for {}", identity.name(), hostname),
            "get one for that name, or set [server] hostname; who verifies will not send"
        ));
    }
    if (findings.empty()) {
        findings.push_back(finding(
            "certificate",
            fmt::format(
                "{}, for {} more days",
                identity.name(),
                std::chrono::floor<std::chrono::days>(identity.not_after() - now).count()
            )
        ));
    }
    return findings;
}

DoctorFindings look_at_dns(config::Config const& config, schema::Listing const& listing) {
    lint::People const people(listing);
    auto questions = lint::dns_questions(people, config.routing);
    auto const& hostname = config.server.hostname;
    bool const has_name = !hostname.is_literal();
    auto& hosts = questions.addresses_of;
    if (has_name && std::find(hosts.begin(), hosts.end(), hostname) == hosts.end()) {
        hosts.push_back(hostname);
    }
    auto facts = ask_dns(questions, config);
    if (!facts) return {finding("dns-silent", facts.error().what, "mend [dns]")};
    DoctorFindings findings;
    add_silence(findings, questions, *facts);
    auto const own = facts->addresses.find(hostname.text());
    if (has_name && own != facts->addresses.end() && own->second.empty()) {
        findings.push_back(finding(
            "dns-hostname",
            fmt::format("{}, the name of this relay, has no address", hostname.text()),
            "give it one in the DNS: others look for it when they get mail from here"
        ));
        facts->addresses.erase(own);  // told already
    }
    for (auto& one : findings_of_dns(config, people, *facts)) findings.push_back(std::move(one));
    if (findings.empty()) {
        findings.push_back(finding(
            "dns",
            fmt::format(
                "{} domains and {} hosts are as they should be",
                questions.exchangers_of.size(),
                questions.addresses_of.size()
            )
        ));
    }
    return findings;
}

DoctorFindings look_at_hosts(config::Config const& config) {
    std::vector<resolver::HostPtr> hosts;
    for (auto const& [name, host] : config.routing.hosts) hosts.push_back(host);
    std::sort(hosts.begin(), hosts.end(), [](auto const& a, auto const& b) {
        return a->name < b->name;
    });
    DoctorFindings findings(hosts.size());
    in_parallel(hosts.size(), [&](std::size_t i) {
        DialOptions options;
        options.longest_wait = answer_limit;
        auto const& host = *hosts[i];
        auto const tested = test_host(host.name, host, config, std::move(options));
        findings[i] =
            tested ? judge_host(*tested)
                   : finding("host-down", fmt::format("{}: {}", host.name, tested.error().what));
    });
    return findings;
}

}  // namespace splitmx::admin
