#include "admin/setup_mail.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::admin {

namespace {

// Empty where it is none that others could know.
std::string machine_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    std::string const text(name.data());
    return text.find('.') == std::string::npos ? std::string() : text;
}

std::string joined(std::vector<std::string> const& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// The second half: whose mail, and where it goes.
class MailDialogue {
public:
    MailDialogue(
        SetupOptions& options, Interview& interview, SetupDirectory const& found, SetupPlan& plan
    )
        : options_(options), interview_(interview), found_(found), plan_(plan) {}

    bool run() {
        return ask_relay() && ask_domains() && ask_hosts() && ask_partner() && ask_rest();
    }

private:
    // Takes an answer that `set` puts into a plan, if the plan is a configuration with it.
    template <class Set>
    bool take(Question const& question, Set set) {
        auto const check = [&](std::string const& answer) {
            auto candidate = plan_;
            set(candidate, answer);
            auto trouble = trouble_with(candidate);
            if (!trouble) plan_ = std::move(candidate);
            return trouble;
        };
        return interview_.ask(question, check).has_value();
    }

    bool ask_relay();
    bool ask_domains();
    bool ask_hosts();
    bool ask_partner();
    bool ask_rest();

    SetupOptions& options_;
    Interview& interview_;
    SetupDirectory const& found_;
    SetupPlan& plan_;
};

bool MailDialogue::ask_relay() {
    interview_.heading("This relay");
    auto const domains = proposed_domains(found_.evidence);
    auto name = machine_name();
    if (name.empty() && !domains.empty()) name = "relay1." + domains.front();
    Question const hostname{
        "--hostname", "Its name", &options_.hostname, name, "", "As others find it in the DNS."};
    auto const set_name = [](SetupPlan& plan, auto const& answer) { plan.hostname = answer; };
    if (!take(hostname, set_name)) return false;
    auto const domain = domains.empty() ? plan_.hostname : domains.front();
    Question const postmaster{
        "--postmaster",
        "Who answers for it",
        &options_.postmaster,
        "postmaster@" + domain,
        "",
        "An address that somebody reads."};
    auto const set_postmaster = [](SetupPlan& plan, auto const& answer) {
        plan.postmaster = answer;
    };
    if (!take(postmaster, set_postmaster)) return false;
    Question const listen{
        "--listen",
        "Listen on",
        &options_.listen,
        "0.0.0.0:25 [::]:25",
        "",
        "Beside another mail server: an address or a port that it does not use."};
    return take(listen, [](SetupPlan& plan, auto const& answer) {
        plan.listen = words_in(answer);
    });
}

bool MailDialogue::ask_domains() {
    interview_.heading("Domains");
    interview_.say(domains_text(found_.evidence));
    if (auto const& other = found_.evidence.elsewhere; !other.empty()) {
        auto const shown = std::vector(
            other.begin(), other.begin() + static_cast<long>(std::min<std::size_t>(other.size(), 5))
        );
        interview_.explain(fmt::format(
            "Targets are also in {}{}: they go where the DNS says, or to a smart host.",
            fmt::join(shown, ", "),
            other.size() > shown.size() ? ", ..." : ""
        ));
    }
    Question const own{
        "--domain",
        "Domains that are ours",
        &options_.domain,
        joined(proposed_domains(found_.evidence)),
        "",
        "Whom the directory does not have in them, does not exist. A name covers what is below it; "
        "#name is that name alone."};
    bool const good =
        take(own, [](SetupPlan& plan, auto const& answer) { plan.own = words_in(answer); });
    if (!good) return false;
    auto proposed = proposed_shared(found_.evidence);
    // Who names the other system and nothing else means all of them.
    if (options_.foreign_host.given && proposed.empty()) proposed = plan_.own;
    std::erase_if(proposed, [this](std::string const& name) {
        auto const is = [&](std::string const& own_name) {
            return own_name == name || "#" + own_name == name || own_name == "#" + name;
        };
        return std::none_of(plan_.own.begin(), plan_.own.end(), is);
    });
    Question const shared{
        "--shared-domain",
        "Shared with another mail system",
        &options_.shared_domain,
        joined(proposed),
        "none",
        "Those in which some people have their mailbox there; here they are custom recipients."};
    return take(shared, [](SetupPlan& plan, auto const& answer) {
        plan.shared = words_in(answer);
        for (auto const& name : plan.shared) {
            std::erase_if(plan.own, [&](std::string const& own_name) {
                return own_name == name || "#" + own_name == name || own_name == "#" + name;
            });
        }
    });
}

bool MailDialogue::ask_hosts() {
    interview_.heading("Hosts");
    if (!plan_.shared.empty()) {
        Question const foreign{
            "--foreign-host",
            "Host of the other mail system",
            &options_.foreign_host,
            "",
            "",
            "name, name:port, [address]:port, several in the order in which they are tried, or "
            "mx:DOMAIN."};
        bool const good = take(foreign, [](SetupPlan& plan, auto const& answer) {
            auto networks = std::move(plan.foreign.networks);
            plan.foreign = setup_host(answer);
            plan.foreign.networks = std::move(networks);
        });
        if (!good) return false;
        Question const networks{
            "--foreign-network",
            "Networks that its own mail comes from",
            &options_.foreign_network,
            "",
            "only that host",
            "An address never goes straight back to where it came from; for that we must know it."};
        bool const known = take(networks, [](SetupPlan& plan, auto const& answer) {
            plan.foreign.networks = words_in(answer);
        });
        if (!known) return false;
    }
    interview_.say(hosts_text(found_.evidence));
    auto const& hosts = found_.evidence.hosts;
    auto const named = std::find_if(hosts.begin(), hosts.end(), [](auto const& host) {
        return !host.name.empty();
    });
    Question const local{
        "--local-host",
        "Host of mailboxes that name none",
        &options_.local_host,
        named == hosts.end() ? "" : named->name,
        "",
        "The same forms; lmtp:unix:/run/dovecot/lmtp or lmtp:name:port for LMTP."};
    return take(local, [](SetupPlan& plan, auto const& answer) {
        plan.mailboxes = setup_host(answer);
    });
}

bool MailDialogue::ask_partner() {
    Question const domains{
        "--relay-domain",
        "Domains of another organisation, passed on whole",
        &options_.relay_domain,
        "",
        "none",
        "Their MX records name this relay; the directory is not asked about them."};
    bool const good =
        take(domains, [](SetupPlan& plan, auto const& answer) { plan.relayed = words_in(answer); });
    if (!good || plan_.relayed.empty()) return good;
    Question const host{
        "--relay-host", "Host of that organisation", &options_.relay_host, "", "", ""};
    return take(host, [](SetupPlan& plan, auto const& answer) {
        plan.partner = setup_host(answer);
    });
}

bool MailDialogue::ask_rest() {
    Question const outbound{
        "--outbound",
        "Smart host for everything else",
        &options_.outbound,
        "",
        "none: as the DNS says",
        ""};
    bool const good = take(outbound, [](SetupPlan& plan, auto const& answer) {
        if (answer != "mx") plan.outbound = setup_host(answer);
    });
    if (!good) return false;
    Question const allow{
        "--allow",
        "Networks that may send to everybody through this relay",
        &options_.allow,
        "",
        "nobody",
        "Such as those of the mail systems behind it, 10.0.0.0/24."};
    return take(allow, [](SetupPlan& plan, auto const& answer) { plan.allow = words_in(answer); });
}

}  // namespace

bool ask_mail(
    SetupOptions& options, Interview& interview, SetupDirectory const& found, SetupPlan& plan
) {
    return MailDialogue(options, interview, found, plan).run();
}

}  // namespace splitmx::admin
