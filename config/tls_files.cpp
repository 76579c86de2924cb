#include "config/tls_files.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

#include <optional>

namespace splitmx::config {

namespace {

using About = tls::IdentityError::About;

// The file that holds the key; none for an environment variable.
std::optional<std::filesystem::path> key_path(TlsFiles const& files) {
    if (auto const path = secret_file(files.key, files.folder)) return path;
    if (files.key.starts_with("env:")) return std::nullopt;
    return files.folder / files.key;
}

mail::Result<std::string> read_key(TlsFiles const& files) {
    auto const file = key_path(files);
    if (!file) return read_secret(files.key, files.folder);
    if (auto trouble = trouble_with_mode(*file, "key"); !trouble.empty()) {
        return mail::Error{std::move(trouble), 0};
    }
    return read_file(*file);
}

}  // namespace

tls::Identity::Made load_identity(TlsFiles const& files) {
    auto const certificate = read_file(files.certificate);
    if (!certificate) return tls::IdentityError(About::certificate, certificate.error().what);
    auto const key = read_key(files);
    if (!key) return tls::IdentityError(About::key, key.error().what);
    auto made = tls::Identity::from_pem(*certificate, *key);
    if (made) return made;
    auto error = made.error();
    auto const file = error.about == About::certificate ? files.certificate : key_path(files);
    if (file) error.what = fmt::format("{}: {}", file->string(), error.what);
    return error;
}

std::string stamp_of(TlsFiles const& files) {
    auto const key = key_path(files);
    return file_stamp(files.certificate) + " / " + (key ? file_stamp(*key) : std::string());
}

}  // namespace splitmx::config
