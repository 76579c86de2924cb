// A file system over the real one that fails at its n-th call, for every n a test cares about.
// A failing write writes the first half: a torn write. `calls()` after a good run tells how many
// there are.
#pragma once

#include "spool/file_system.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::support {

class FaultyFileSystem final : public spool::FileSystem {
public:
    static constexpr std::size_t never = 0;

    // Counted from 1. `code` is what the failing call answers.
    explicit FaultyFileSystem(std::size_t failing = never, spool::Errc code = spool::Errc::io)
        : faults_(std::make_shared<Faults>(Faults{0, failing, code, {}})) {}

    std::size_t calls() const { return faults_->calls; }
    std::vector<std::string> const& names() const { return faults_->names; }  // of the calls made
    // From now on the n-th call fails.
    void fail_at(std::size_t failing) {
        faults_->calls = 0;
        faults_->failing = failing;
    }

    spool::Result<std::unique_ptr<spool::File>> create(std::string const& path) override {
        if (strikes("create")) return error();
        return wrap(real_.create(path));
    }
    spool::Result<std::unique_ptr<spool::File>> open(std::string const& path) override {
        if (strikes("open")) return error();
        return wrap(real_.open(path));
    }
    spool::Result<std::unique_ptr<spool::File>> open_to_change(std::string const& path) override {
        if (strikes("open_to_change")) return error();
        return wrap(real_.open_to_change(path));
    }
    spool::Result<std::unique_ptr<spool::File>> open_for_blocks(std::string const& path) override {
        if (strikes("open_for_blocks")) return error();
        return wrap(real_.open_for_blocks(path));
    }
    spool::Result<void> rename(std::string const& from, std::string const& to) override {
        if (strikes("rename")) return error();
        return real_.rename(from, to);
    }
    spool::Result<void> remove(std::string const& path) override {
        if (strikes("remove")) return error();
        return real_.remove(path);
    }
    spool::Result<void> make_directory(std::string const& path) override {
        if (strikes("make_directory")) return error();
        return real_.make_directory(path);
    }
    spool::Result<void> sync_directory(std::string const& path) override {
        if (strikes("sync_directory")) return error();
        return real_.sync_directory(path);
    }
    spool::Result<std::vector<std::string>> list(std::string const& path) override {
        if (strikes("list")) return error();
        return real_.list(path);
    }
    spool::Result<std::uint64_t> free_space(std::string const& path) override {
        if (strikes("free_space")) return error();
        return real_.free_space(path);
    }

private:
    struct Faults {
        std::size_t calls;
        std::size_t failing;
        spool::Errc code;
        std::vector<std::string> names;

        bool strikes(char const* name) {
            names.emplace_back(name);
            return ++calls == failing;
        }
        spool::Error error() const { return {code, "made to fail"}; }
    };

    class FaultyFile final : public spool::File {
    public:
        FaultyFile(std::unique_ptr<spool::File> real, std::shared_ptr<Faults> faults)
            : real_(std::move(real)), faults_(std::move(faults)) {}

        spool::Result<void> append(std::string_view octets) override {
            if (!faults_->strikes("append")) return real_->append(octets);
            static_cast<void>(real_->append(octets.substr(0, octets.size() / 2)));
            return faults_->error();
        }
        spool::Result<void> write_at(std::uint64_t offset, std::string_view octets) override {
            if (!faults_->strikes("write_at")) return real_->write_at(offset, octets);
            // In whole blocks, where it has several.
            auto const half = octets.size() / 2 < 4096 ? octets.size() / 2
                                                       : octets.size() / 2 / 4096 * 4096;
            static_cast<void>(real_->write_at(offset, octets.substr(0, half)));
            return faults_->error();
        }
        spool::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
            if (faults_->strikes("read_at")) return faults_->error();
            return real_->read_at(offset, buffer);
        }
        spool::Result<std::uint64_t> size() override {
            if (faults_->strikes("size")) return faults_->error();
            return real_->size();
        }
        spool::Result<void> sync() override {
            if (faults_->strikes("sync")) return faults_->error();
            return real_->sync();
        }
        spool::Result<void> reserve(std::uint64_t octets) override {
            if (faults_->strikes("reserve")) return faults_->error();
            return real_->reserve(octets);
        }
        void start_writeback(std::uint64_t offset, std::uint64_t octets) override {
            real_->start_writeback(offset, octets);
        }

    private:
        std::unique_ptr<spool::File> real_;
        std::shared_ptr<Faults> faults_;
    };

    bool strikes(char const* name) { return faults_->strikes(name); }
    spool::Error error() const { return faults_->error(); }

    spool::Result<std::unique_ptr<spool::File>> wrap(
        spool::Result<std::unique_ptr<spool::File>> file
    ) {
        if (!file) return file;
        return std::unique_ptr<spool::File>(std::make_unique<FaultyFile>(std::move(*file), faults_)
        );
    }

    spool::PosixFileSystem real_;
    std::shared_ptr<Faults> faults_;
};

}  // namespace splitmx::support
