#include "config/read.hpp"

#include "config/directories.hpp"
#include "config/document.hpp"
#include "config/host_access.hpp"
#include "config/operation.hpp"
#include "config/routing.hpp"
#include "config/secret_mask.hpp"
#include "config/section.hpp"
#include "config/structure.hpp"
#include "config/tls.hpp"
#include "config/values.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace splitmx::config {

namespace {

mail::Result<mail::Domain> machine_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return mail::Error{"the machine has no name", 0};
    }
    return mail::Domain::parse(name.data());
}

Server read_server(Table const& document, FileOrigin const& origin, Findings& findings) {
    auto const section = Section::single("server", document);
    Server server;
    auto name = section.has("hostname") ? parse_domain(section.text("hostname")) : machine_name();
    if (name) {
        if (name->is_literal() && section.has("hostname")) {
            findings.warning(
                section.value_position("hostname"),
                "an address is no name: other systems may refuse mail from here",
                "the domain name of this machine (RFC 5321 2.3.5)"
            );
        }
        server.hostname = std::move(*name);
    } else if (!section.has("hostname")) {
        findings.error({}, "this machine has no usable name", "set [server] hostname");
    }
    server.max_message = section.size("max_message");
    server.max_hops = section.count("max_hops");
    server.state_dir = origin.resolve(section.text("state_dir"));
    server.sandbox = section.boolean("sandbox");
    return server;
}

ListenerTls listener_tls(std::string_view word) {
    if (word == "off") return ListenerTls::off;
    if (word == "required") return ListenerTls::required;
    return word == "implicit" ? ListenerTls::implicit : ListenerTls::optional;
}

ListenerAuth listener_auth(Section const& section, Findings& findings) {
    auto const word = section.text("auth");
    if (word == "off") return ListenerAuth::off;
    if (word != "always") return ListenerAuth::under_tls;
    findings.warning(section.value_position("auth"), "passwords cross the network in clear here");
    return ListenerAuth::always;
}

std::vector<Listener> read_listeners(
    Table const& document, FileOrigin const& origin, Findings& findings
) {
    std::vector<Listener> listeners;
    auto const* entry = document.find("listen");
    auto const* items = entry != nullptr ? entry->value.array() : nullptr;
    if (items == nullptr) return listeners;
    for (auto const& item : *items) {
        if (item.table() == nullptr) continue;
        Section const section("listen", item.table(), item.position);
        Listener listener;
        listener.source = origin.source(section.heading());
        listener.allow = section.networks("allow");
        listener.proxy_protocol = section.networks("proxy_protocol");
        listener.tls = listener_tls(section.text("tls"));
        listener.auth = listener_auth(section, findings);
        for (auto const& text : section.texts("address")) {
            auto const address = parse_endpoint(text.text, std::nullopt);
            if (address) listener.addresses.push_back(*address);
        }
        listener.name = section.text("name");
        if (listener.name.empty() && !listener.addresses.empty()) {
            listener.name = listener.addresses.front().to_text();
        }
        listeners.push_back(std::move(listener));
    }
    return listeners;
}

Limits read_limits(Table const& document) {
    auto const section = Section::single("limits", document);
    Limits limits;
    limits.connections = section.count("connections");
    limits.connections_per_client = section.count("connections_per_client");
    limits.recipients = section.count("recipients");
    limits.errors = section.count("errors");
    limits.failed_logins = section.count("failed_logins");
    limits.messages = section.count("messages");
    limits.connections_per_minute = section.count("connections_per_minute");
    limits.messages_per_minute = section.count("messages_per_minute");
    limits.recipients_per_minute = section.count("recipients_per_minute");
    limits.connections_per_network = section.count("connections_per_network");
    limits.unknown_recipients = section.count("unknown_recipients");
    limits.unknown_limit = section.count("unknown_limit");
    limits.session_timeout = section.duration("session_timeout");
    limits.greeting_delay = section.duration_or_never("greeting_delay");
    limits.command_timeout = section.duration("command_timeout");
    limits.data_timeout = section.duration("data_timeout");
    limits.exempt = section.networks("exempt");
    return limits;
}

Spool read_spool(Table const& document, FileOrigin const& origin, Server const& server) {
    auto const section = Section::single("spool", document);
    Spool spool;
    spool.path =
        section.has("path") ? origin.resolve(section.text("path")) : server.state_dir / "spool";
    spool.map_size = section.size("map_size");
    spool.body_file = section.size("body_file");
    spool.reserve = section.size("reserve");
    return spool;
}

void check_routing_tests(Table const& document, FileOrigin const& origin, Findings& findings) {
    auto const section = Section::single("routing", document);
    if (!section.has("tests")) return;
    auto const file = origin.resolve(section.text("tests"));
    if (::access(file.c_str(), R_OK) == 0) return;
    findings.error(
        section.value_position("tests"),
        fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno))
    );
}

Queue read_queue(Table const& document) {
    auto const section = Section::single("queue", document);
    Queue queue;
    for (auto const& item : section.texts("retry")) {
        if (auto const wait = parse_duration(item.text)) queue.retry.push_back(*wait);
    }
    queue.max_messages = section.count("max_messages");
    queue.warn_after = section.duration_or_never("warn_after");
    queue.expire = section.duration("expire");
    queue.expire_ndr = section.duration("expire_ndr");
    return queue;
}

Dns read_dns(Table const& document, FileOrigin const& origin) {
    auto const section = Section::single("dns", document);
    Dns dns;
    for (auto const& item : section.texts("servers")) {
        if (auto const server = parse_endpoint(item.text, 53)) dns.servers.push_back(*server);
    }
    dns.hosts_file = origin.resolve(section.text("hosts_file"));
    dns.dnssec = section.boolean("dnssec");
    return dns;
}

Config build(
    Table const& document,
    std::filesystem::path const& file,
    FileOrigin const& origin,
    Purpose purpose,
    Findings& findings
) {
    Config config;
    config.file = file;
    config.server = read_server(document, origin, findings);
    config.listeners = read_listeners(document, origin, findings);
    config.tls = read_tls(document, origin, findings);
    config.limits = read_limits(document);
    auto routing =
        read_routing(document, origin, config.server.hostname, config.listeners, findings);
    config.host_access = read_host_access(routing.hosts, origin, config.tls, findings);
    std::vector<std::string> host_names;
    for (auto const& host : routing.hosts) host_names.push_back(host.name);
    config.directories = read_directories(document, origin, host_names, findings);
    check_routing_tests(document, origin, findings);
    config.keys = effective_keys(document, origin.folder);
    config.hash = short_hash(config.keys);
    add_setups(config.keys, host_names, config.directories);
    config.spool = read_spool(document, origin, config.server);
    config.queue = read_queue(document);
    config.dns = read_dns(document, origin);
    config.admin = read_admin(document, origin, findings);
    config.log = read_log(document, origin, findings);
    config.history = read_history(document, origin, config.server);
    check(document, routing, purpose, findings);
    config.routing = std::move(routing.table);
    return config;
}

void finish(Loaded& loaded, std::string_view file, std::string_view source) {
    loaded.findings.sort();
    if (loaded.config) loaded.keys = loaded.config->keys;
    if (loaded.findings.has_errors()) loaded.config.reset();
    loaded.report = render(loaded.findings, file, source);
}

struct Document {
    std::string source;
    Table table;
};

// Else what load() says of such a file.
std::variant<Document, Loaded> read_document(std::filesystem::path const& file) {
    Loaded broken;
    auto source = read_file(file);
    if (!source) {
        broken.findings.error({}, "cannot be read: " + source.error().what);
        finish(broken, file.string(), {});
        return broken;
    }
    auto parsed = parse_document(*source);
    if (auto const* error = std::get_if<SyntaxError>(&parsed)) {
        broken.findings.error(error->position, error->text);
        finish(broken, file.string(), *source);
        return broken;
    }
    return Document{std::move(*source), std::move(std::get<Table>(parsed))};
}

FileOrigin origin_of(std::filesystem::path const& file) {
    return {file.string(), std::filesystem::absolute(file).parent_path()};
}

bool is_in(std::vector<mail::Network> const& networks, mail::IpAddress const& address) {
    return std::any_of(networks.begin(), networks.end(), [&](auto const& network) {
        return network.contains(address);
    });
}

}  // namespace

bool Limits::is_exempt(mail::IpAddress const& client) const { return is_in(exempt, client); }

bool Listener::is_front_end(mail::IpAddress const& client) const {
    return is_in(proxy_protocol, client);
}

Loaded load(std::filesystem::path const& file, Purpose purpose) {
    auto read = read_document(file);
    if (auto* broken = std::get_if<Loaded>(&read)) return std::move(*broken);
    auto const& [source, document] = std::get<Document>(read);
    Loaded loaded;
    check_structure(document, loaded.findings);
    loaded.config = build(document, file, origin_of(file), purpose, loaded.findings);
    finish(loaded, file.string(), mask_secrets(source, document));
    return loaded;
}

std::optional<Config> read_running(std::string const& text, std::filesystem::path const& file) {
    auto const parsed = parse_document(text);
    auto const* document = std::get_if<Table>(&parsed);
    if (document == nullptr) return std::nullopt;
    // Lines of the text are nobody's lines: whoever reads a source is told what it is of.
    FileOrigin const origin{"running configuration", std::filesystem::absolute(file).parent_path()};
    Findings unread;
    return build(*document, file, origin, Purpose::look_up, unread);
}

std::filesystem::path default_control_socket() {
    Table const nothing;
    return Section::single("admin", nothing).text("socket");
}

std::variant<std::filesystem::path, std::string> control_socket(std::filesystem::path const& file) {
    auto read = read_document(file);
    if (auto const* broken = std::get_if<Loaded>(&read)) return broken->report;
    auto const& document = std::get<Document>(read);
    auto const section = Section::single("admin", document.table);
    auto const socket = section.text("socket");
    bool const is_section = document.table.find("admin") == nullptr || section.table() != nullptr;
    if (is_section && !socket.empty()) return origin_of(file).resolve(socket);
    // No section, or no text: whoever took the default instead would act on another relay.
    return load(file, Purpose::look_up).report;
}

}  // namespace splitmx::config
