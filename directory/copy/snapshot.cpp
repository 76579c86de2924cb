#include "directory/copy/snapshot.hpp"

#include "directory/copy/hash.hpp"
#include "directory/copy/octets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>

namespace splitmx::directory::copy {

namespace {

constexpr std::uint64_t version = 5;
constexpr std::array<char, 16> magic{'s', 'p', 'l', 'i', 't', 'm', 'x', ' ', 'c', 'o', 'p', 'y'};

struct Head {
    std::array<char, 16> magic;
    std::uint64_t version;
    std::uint64_t about_size;
};

struct Tail {
    std::uint64_t records_size;
    std::uint64_t dictionaries_size;
    std::uint64_t records;
    std::uint64_t addresses;
    std::uint64_t checksum;  // of everything before it
    std::array<char, 16> magic;
};

std::size_t filled_up(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

void fill_up(std::string& octets) { octets.resize(filled_up(octets.size())); }

template <class T>
std::string_view octets_of(T const& value) {
    return {reinterpret_cast<char const*>(&value), sizeof value};
}

// Requires: a multiple of eight octets.
std::uint64_t add_to_checksum(std::uint64_t state, std::string_view octets) {
    for (; !octets.empty(); octets.remove_prefix(sizeof(std::uint64_t))) {
        std::uint64_t word = 0;
        std::memcpy(&word, octets.data(), sizeof word);
        state = mix(state, word);
    }
    return state;
}

std::uint64_t checksum_of(std::uint64_t body, Tail const& tail) {
    return add_to_checksum(body, octets_of(tail).substr(0, offsetof(Tail, checksum)));
}

std::string about(Copy::Cut const& cut, Snapshot::Source const& source) {
    std::string octets;
    append_number(octets, source.size());
    for (auto const& [name, value] : source) {
        append_text(octets, name);
        append_text(octets, value);
    }
    append_text(octets, cut.cookie ? cut.cookie->octets : std::string());
    append_text(octets, cut.server);
    auto const since = cut.heard.time_since_epoch();
    append_number(
        octets,
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count())
    );
    append_number(octets, cut.elsewhere.size());
    for (auto const& uri : cut.elsewhere) append_text(octets, uri);
    fill_up(octets);
    return octets;
}

// Counts what goes out.
class Stream {
public:
    explicit Stream(OutFile& file) : file_(file) {}
    mail::Result<void> append(std::string_view octets) {
        checksum_ = add_to_checksum(checksum_, octets);
        size_ += octets.size();
        return file_.append(octets);
    }
    std::uint64_t checksum() const { return checksum_; }
    std::size_t size() const { return size_; }

private:
    OutFile& file_;
    std::uint64_t checksum_ = version;
    std::size_t size_ = 0;
};

}  // namespace

Snapshot::WriteResult Snapshot::write(Copy& copy) {
    auto const cut = copy.begin_cut();
    if (!cut) return NotNow{};
    auto const fresh = path_ + ".new";
    auto written = write_file(copy, *cut, fresh);
    if (written && *written == 0) return NotNow{};
    auto const fail = [&](mail::Error error) -> WriteResult {
        copy.snapshot_failed("the snapshot cannot be written: " + error.what);
        return error;
    };
    if (!written) return fail(written.error());
    if (auto const done = files_.rename(fresh, path_); !done) return fail(done.error());
    auto const folder = std::filesystem::path(path_).parent_path().string();
    if (auto const done = files_.sync_directory(folder); !done) return fail(done.error());
    copy.snapshot_written(std::chrono::system_clock::now());
    return Written{*written};
}

// 0: a refresh came between.
mail::Result<std::size_t> Snapshot::write_file(
    Copy& copy, Copy::Cut const& cut, std::string const& path
) {
    auto file = files_.create(path);
    if (!file) return file.error();
    Stream out(**file);
    auto buffer = about(cut, source_);
    Head const head{magic, version, buffer.size()};
    if (auto const done = out.append(octets_of(head)); !done) return done.error();
    if (auto const done = out.append(buffer); !done) return done.error();
    auto const begin = out.size();
    Index::Tally tally;
    for (std::size_t shard = 0; shard < Table::shard_count; ++shard) {
        buffer.clear();
        if (!copy.append_shard(cut, shard, buffer, tally)) return std::size_t{0};
        if (auto const done = out.append(buffer); !done) return done.error();
    }
    Tail tail{out.size() - begin, 0, tally.records, tally.addresses, 0, magic};
    buffer.clear();
    copy.append_dictionaries(buffer);
    tail.dictionaries_size = buffer.size();
    fill_up(buffer);
    if (auto const done = out.append(buffer); !done) return done.error();
    tail.checksum = checksum_of(out.checksum(), tail);
    if (auto const done = (*file)->append(octets_of(tail)); !done) return done.error();
    if (auto const done = (*file)->sync(); !done) return done.error();
    return out.size() + sizeof tail;
}

std::string Snapshot::refusal_of(Source const& found) const {
    for (auto const& [name, value] : source_) {
        auto const same = std::find_if(found.begin(), found.end(), [&, n = name](auto const& one) {
            return one.first == n;
        });
        if (same == found.end() || same->second != value) {
            return fmt::format("made with another {}", name);
        }
    }
    return found.size() == source_.size() ? "" : "made from another source";
}

Snapshot::LoadResult Snapshot::load(Copy& copy) {
    auto const refused = [this](std::string const& why) -> LoadResult {
        return Refused{fmt::format("{}: {}", path_, why)};
    };
    auto read = files_.read(path_);
    if (!read) return Refused{read.error().what};
    if (!*read) return NotThere{};
    auto& content = **read;
    std::string_view const all(content.octets.get(), content.size);
    Head head{};
    Tail tail{};
    if (all.size() < sizeof head) return refused("cut off");
    std::memcpy(&head, all.data(), sizeof head);
    if (head.magic != magic) return refused("not a snapshot");
    if (head.version != version) {
        return refused(fmt::format(
            "of another version of splitmx: its format is {}, and not {}", head.version, version
        ));
    }
    if (all.size() < sizeof head + sizeof tail || all.size() % 8 != 0) return refused("cut off");
    auto const body = all.substr(0, all.size() - sizeof tail);
    std::memcpy(&tail, body.data() + body.size(), sizeof tail);
    if (tail.magic != magic) return refused("cut off");
    auto const room = body.size() - sizeof head;
    bool const sizes_fit =
        head.about_size <= room && tail.records_size <= room && tail.dictionaries_size <= room &&
        head.about_size + tail.records_size + filled_up(tail.dictionaries_size) == room;
    if (!sizes_fit || checksum_of(add_to_checksum(version, body), tail) != tail.checksum)
        return refused("damaged");

    Reader in(body.substr(sizeof head, head.about_size));
    Source found;
    for (auto left = in.number(); left > 0 && in.good(); --left) {
        std::string name(in.text());
        found.emplace_back(std::move(name), in.text());
    }
    Copy::Cut cut;
    if (auto const cookie = in.text(); !cookie.empty()) {
        cut.cookie = ldap::sync::Cookie{std::string(cookie)};
    }
    cut.server = in.text();
    cut.heard = mail::Instant(std::chrono::seconds(in.number()));
    for (auto left = in.number(); left > 0 && in.good(); --left) {
        cut.elsewhere.emplace_back(in.text());
    }
    if (!in.good()) return refused("damaged");
    if (auto const why = refusal_of(found); !why.empty()) return refused(why);

    auto* const records = content.octets.get() + sizeof head + head.about_size;
    auto& index = copy.index();
    bool const whole =
        index.codec().read_dictionaries({records + tail.records_size, tail.dictionaries_size}) &&
        index.adopt(
            std::move(content.octets), records, tail.records_size, {tail.records, tail.addresses}
        );
    if (!whole) return refused("damaged");
    copy.loaded(cut);
    return Loaded{all.size()};
}

}  // namespace splitmx::directory::copy
