#include "admin/directory_text.hpp"
#include "admin/password_file.hpp"
#include "admin/setup_files.hpp"
#include "admin/setup_talk.hpp"
#include "config/values.hpp"
#include "directory/servers.hpp"
#include "directory/view_server.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::admin {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ldif_scheme = "ldif:";

bool is_answer_of_a_server(ldap::Errc code) {
    return code == ldap::Errc::refused_credentials || code == ldap::Errc::stronger_auth_required ||
           code == ldap::Errc::insufficient_rights || code == ldap::Errc::unwilling;
}

class ServerDialogue {
public:
    explicit ServerDialogue(DirectoryTalk& talk) : talk_(talk) {}

    bool ask_which();
    bool ask_account();

private:
    std::optional<Trouble> try_servers(std::string const& answer);
    std::optional<Trouble> greet();
    bool ask_authorities();
    std::optional<Trouble> take_password();

    DirectoryTalk& talk_;
    bool is_about_tls_ = false;
};

std::optional<Trouble> ServerDialogue::try_servers(std::string const& answer) {
    auto& plan = talk_.plan.directory;
    plan.uris = words_in(answer);
    if (plan.uris.empty()) return Trouble{"a server is needed, such as ldap://ldap1.example.com"};
    for (auto& uri : plan.uris) {
        if (!uri.starts_with(ldif_scheme)) continue;
        uri = std::string(ldif_scheme) + fs::absolute(uri.substr(ldif_scheme.size())).string();
    }
    talk_.result.is_ldap = !plan.uris.front().starts_with(ldif_scheme);
    if (talk_.options.no_starttls && talk_.result.is_ldap) plan.starttls = false;
    SetupPlan alone;
    alone.directory = plan;
    alone.directory.profile = "laser";
    if (talk_.result.is_ldap) alone.directory.base = "dc=unknown";
    if (auto trouble = trouble_with(alone)) return trouble;
    if (talk_.result.is_ldap) return greet();
    return read_sample_file(talk_, plan.uris.front().substr(ldif_scheme.size()));
}

std::optional<Trouble> ServerDialogue::greet() {
    auto const stranger = [this] {
        auto one = talk_.directory();
        if (one) one->bind_dn.clear();
        return one;
    }();
    if (!stranger) return Trouble{"the configuration for it cannot be made", ExitCode::internal};
    auto seen = directory::greet_server(directory::servers_of(*stranger));
    if (!seen) {
        // It is there, and tells nothing to strangers.
        if (is_answer_of_a_server(seen.error().code)) return std::nullopt;
        auto trouble = talk_.trouble_of(seen.error());
        is_about_tls_ = seen.error().code == ldap::Errc::tls;
        if (!is_about_tls_ || !talk_.interview.is_asking()) return trouble;
        talk_.interview.object(trouble.text);
        return std::nullopt;
    }
    is_about_tls_ = false;
    talk_.seen = std::move(*seen);
    talk_.result.vendor = talk_.seen.facts.vendor;
    auto const method = ldap::choose_method(ldap::SyncChoice::automatic, talk_.seen.facts);
    talk_.interview.explain(fmt::format(
        "{}; it offers {}",
        server_text(talk_.seen),
        method ? following_text(ldap::to_text(*method)) : "no way to follow it, only to ask it"
    ));
    return std::nullopt;
}

bool ServerDialogue::ask_authorities() {
    Question const question{
        "--tls-ca",
        "File with its authority's certificate (PEM)",
        nullptr,
        "",
        "another directory",
        "Its certificate is not from an authority that this machine trusts, or not for that name."};
    auto const answer = talk_.interview.ask(question, [this](std::string const& file) {
        if (file.empty()) return std::optional<Trouble>();
        talk_.plan.directory.tls_ca = fs::absolute(file).string();
        auto trouble = greet();
        if (!trouble && is_about_tls_) trouble = Trouble{"this certificate does not help"};
        return trouble;
    });
    if (!answer) return false;
    if (answer->empty()) talk_.plan.directory.tls_ca.clear();
    return true;
}

bool ServerDialogue::ask_which() {
    if (talk_.options.tls_ca.given) {
        talk_.plan.directory.tls_ca = fs::absolute(talk_.options.tls_ca.value).string();
    }
    Question const question{
        "--directory",
        "Directory",
        &talk_.options.directory,
        "",
        "",
        "The servers that know the recipients, in the order in which they are tried: "
        "ldap://ldap1.example.com, ldaps://dc1.ad.example.com. Or a file, ldif:people.ldif."};
    do {
        is_about_tls_ = false;
        auto const answer = talk_.interview.ask(question, [this](std::string const& uris) {
            return try_servers(uris);
        });
        if (!answer) return false;
        if (is_about_tls_ && !ask_authorities()) return false;
    } while (is_about_tls_);
    return true;
}

// ---- as whom

// From a file, or from where the configuration says.
std::optional<Trouble> ServerDialogue::take_password() {
    if (!talk_.options.password_from.empty()) {
        auto const& from = talk_.options.password_from;
        if (config::is_inline_secret(from)) {
            return Trouble{"--password-from is file:PATH, credential:NAME or env:NAME"};
        }
        auto secret = config::read_secret(from, talk_.folder);
        if (!secret) return Trouble{secret.error().what};
        auto const file = config::secret_file(from, talk_.folder);
        auto open = file ? config::trouble_with_mode(*file, "secret") : std::string();
        if (!open.empty()) return Trouble{std::move(open)};
        talk_.result.password = std::move(*secret);
        bool const is_path = from.starts_with("file:") && file;
        talk_.plan.directory.password = is_path ? "file:" + file->string() : from;
        return std::nullopt;
    }
    talk_.plan.directory.password = std::string("file:") + password_file_name;
    if (talk_.options.password_file.empty()) return std::nullopt;
    auto password = read_password(talk_.options.password_file);
    if (!password) return Trouble{"cannot read a password from " + talk_.options.password_file};
    talk_.result.password = std::move(*password);
    return std::nullopt;
}

bool ServerDialogue::ask_account() {
    auto& plan = talk_.plan.directory;
    std::string proposal;
    for (;;) {
        Question const question{
            "--bind-dn",
            "Account that reads it",
            &talk_.options.bind_dn,
            proposal,
            "anonymous",
            "A DN, or name@domain for Active Directory. docs/directory.md says what it must be "
            "allowed to do; it needs to write nothing."};
        auto account = talk_.interview.ask(question, [](auto const&) { return std::nullopt; });
        if (!account) return false;
        plan.bind_dn = *account;
        plan.password.clear();
        talk_.result.password.clear();
        auto trouble = account->empty() ? std::nullopt : take_password();
        if (!account->empty() && !trouble && talk_.result.password.empty()) {
            if (!talk_.interview.is_asking()) {
                talk_.interview.fail({"--bind-dn needs --password-file or --password-from"});
                return false;
            }
            auto secret = talk_.interview.ask_secret("Password");
            if (!secret) return false;
            talk_.result.password = std::move(*secret);
            if (talk_.result.password.empty()) trouble = Trouble{"an account needs a password"};
        }
        if (!trouble) {
            auto const bound = talk_.directory();
            auto seen = bound ? directory::greet_server(directory::servers_of(*bound))
                              : ldap::Result<directory::SeenServer>(ldap::Error());
            if (seen) {
                talk_.seen = std::move(*seen);
                talk_.result.vendor = talk_.seen.facts.vendor;
                return true;
            }
            trouble = talk_.trouble_of(seen.error());
        }
        if (!talk_.interview.is_asking()) {
            talk_.interview.fail(*trouble);
            return false;
        }
        talk_.interview.object(trouble->text);
        // What is wrong may be either of them.
        talk_.options.password_file.clear();
        talk_.options.password_from.clear();
        proposal = *account;
    }
}

}  // namespace

bool ask_server(DirectoryTalk& talk) {
    ServerDialogue dialogue(talk);
    return dialogue.ask_which() && (!talk.result.is_ldap || dialogue.ask_account());
}

}  // namespace splitmx::admin
