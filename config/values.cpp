#include "config/values.hpp"

#include "mail/letter_case.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

namespace splitmx::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 5> duration_units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 5> size_units{
    {{"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40}}};

// A number with one of the units behind it; none when the text is anything else, or too large.
template <class Units>
std::optional<std::int64_t> quantity(std::string_view text, Units const& units) {
    std::int64_t number = 0;
    auto const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc{} || number <= 0) return std::nullopt;
    auto const suffix = text.substr(static_cast<std::size_t>(stop - text.data()));
    for (auto const& [name, factor] : units) {
        if (suffix != name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
        return number * factor;
    }
    return std::nullopt;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

mail::Result<std::string> read_secret_file(std::filesystem::path const& path) {
    auto content = read_file(path);
    if (!content) {
        return mail::Error{fmt::format("the secret cannot be read: {}", content.error().what), 0};
    }
    while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
    if (content->empty()) return mail::Error{fmt::format("{} holds no secret", path.string()), 0};
    return content;
}

// Where systemd has put it: alone, or as one of the files of a folder, before whose names it writes
// its own (systemd.exec(5), LoadCredential=). The tool, which systemd does not start, looks into
// the folder itself.
std::filesystem::path credential_file(std::string_view name, std::filesystem::path const& folder) {
    auto const* given = std::getenv("CREDENTIALS_DIRECTORY");
    if (given == nullptr) return folder / "credentials" / name;
    auto alone = std::filesystem::path(given) / name;
    auto one_of_many = std::filesystem::path(given) / fmt::format("splitmx_{}", name);
    std::error_code ignored;
    if (std::filesystem::exists(alone, ignored)) return alone;
    return std::filesystem::exists(one_of_many, ignored) ? one_of_many : alone;
}

}  // namespace

std::string Endpoint::to_text() const {
    auto const form = address.is_v4() ? "{}:{}" : "[{}]:{}";
    return fmt::format(fmt::runtime(form), address.to_text(), port);
}

mail::Result<mail::Duration> parse_duration(std::string_view text) {
    auto const milliseconds = quantity(text, duration_units);
    // Ten years: further on, adding to the present would leave the clock's range.
    constexpr std::int64_t longest = 3'650LL * 86'400'000;
    if (!milliseconds || *milliseconds > longest) {
        return mail::Error{fmt::format("\"{}\" is not a duration", text), 0};
    }
    return mail::Duration{*milliseconds};
}

mail::Result<std::uint64_t> parse_size(std::string_view text) {
    auto const octets = quantity(text, size_units);
    if (!octets) return mail::Error{fmt::format("\"{}\" is not a size", text), 0};
    return static_cast<std::uint64_t>(*octets);
}

mail::Result<Endpoint> parse_endpoint(
    std::string_view text, std::optional<std::uint16_t> default_port
) {
    auto const malformed = [&](std::string_view why) {
        return mail::Error{fmt::format("\"{}\" {}", text, why), 0};
    };
    auto host = text;
    std::string_view port;
    bool has_port = false;
    auto const colon = text.rfind(':');
    bool const bracketed = text.starts_with('[');
    // The colons of a bare IPv6 address are not a port's.
    bool const bare_v6 = !bracketed && std::count(text.begin(), text.end(), ':') > 1;
    if (colon != std::string_view::npos && !bare_v6 && !text.ends_with(']')) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        has_port = true;
    }
    if (bracketed && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    auto const address = mail::IpAddress::parse(host);
    if (!address) return malformed("is no IP address");
    if (bracketed && address->is_v4()) return malformed("is no IP address");
    if (!has_port) {
        if (!default_port) return malformed("has no port");
        return Endpoint{*address, *default_port};
    }
    std::uint16_t number = 0;
    auto const end = port.data() + port.size();
    auto const [stop, failure] = std::from_chars(port.data(), end, number);
    if (failure != std::errc{} || stop != end) return malformed("has a bad port");
    return Endpoint{*address, number};
}

mail::Result<mail::Domain> parse_domain(std::string_view text) {
    if (auto const address = mail::IpAddress::parse(text)) return mail::Domain::literal(*address);
    return mail::Domain::parse(text);
}

std::string tidy_domain(std::string_view text) {
    text = trim(text);
    std::string tidy;
    if (text.starts_with('#') || text.starts_with('.')) {
        tidy += text.front();
        text = trim(text.substr(1));
    }
    if (text.ends_with('.')) text.remove_suffix(1);
    return tidy + mail::to_lower(text);
}

bool is_inline_secret(std::string_view text) {
    return !text.starts_with("credential:") && !text.starts_with("file:") &&
           !text.starts_with("env:");
}

bool is_key_text(std::string_view text) { return text.find("-----BEGIN") != text.npos; }

std::string trouble_with_mode(std::filesystem::path const& file, std::string_view secret) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};  // reading it tells more
    auto const mode = status.st_mode & 0777U;
    if ((mode & 0027U) == 0) return {};
    auto const* may = (mode & 0022U) != 0 ? "change" : "read";
    return fmt::format("{}: others may {} the {} (mode {:04o})", file.string(), may, secret, mode);
}

std::optional<std::filesystem::path> secret_file(
    std::string_view text, std::filesystem::path const& folder
) {
    auto const name = text.substr(text.find(':') + 1);
    if (text.starts_with("file:")) return folder / name;
    if (!text.starts_with("credential:")) return std::nullopt;
    return credential_file(name, folder);
}

std::string file_stamp(std::filesystem::path const& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return {};
    return fmt::format(
        "{}.{} {} {}", about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino
    );
}

mail::Result<std::string> read_secret(std::string_view text, std::filesystem::path const& folder) {
    if (is_inline_secret(text)) return std::string(text);
    std::string const name(text.substr(text.find(':') + 1));
    if (text.starts_with("file:")) return read_secret_file(folder / name);
    if (text.starts_with("env:")) {
        auto const* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') {
            return mail::Error{fmt::format("the environment variable {} is not set", name), 0};
        }
        return std::string(value);
    }
    if (name.empty() || name.find('/') != std::string::npos) {
        return mail::Error{fmt::format("\"{}\" is no name of a credential", name), 0};
    }
    return read_secret_file(credential_file(name, folder));
}

mail::Result<std::string> read_file(std::filesystem::path const& path) {
    auto const failed = [&](int reason) {
        auto const why = std::error_code(reason, std::generic_category()).message();
        return mail::Error{fmt::format("{}: {}", path.string(), why), 0};
    };
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed(errno == 0 ? EIO : errno);
    std::error_code ignored;
    // Opening a folder succeeds, and only reading it fails, without a reason.
    if (std::filesystem::is_directory(path, ignored)) return failed(EISDIR);
    std::ostringstream content;
    content << file.rdbuf();
    if (file.bad()) return failed(EIO);
    return std::move(content).str();
}

}  // namespace splitmx::config
