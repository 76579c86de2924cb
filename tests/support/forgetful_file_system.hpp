// A file system in memory that can lose its power: what was not synced may be gone then. Octets of
// files, and names in directories, are durable from their own sync on, and not earlier.
// From the n-th call on nothing works any more (stop_at); power_loss() then gives the disk as it
// may be found, and every call works again. Threads: one at a time. Errors: io, exists as io,
// not_found.
#pragma once

#include "spool/file_system.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::support {

class ForgetfulFileSystem final : public spool::FileSystem {
public:
    // How much of what was not synced has reached the disk all the same.
    struct Luck {
        std::size_t octets = 0;  // of each file, behind those that are durable
        bool names = false;
        std::size_t rewritten = 0;  // of each write over octets that are durable, from its beginning
    };

    std::size_t calls() const { return state_->calls; }
    void stop_at(std::size_t n) {
        state_->calls = 0;
        state_->stops = n;
    }
    void power_loss(Luck luck) {
        state_->stops = 0;
        if (!luck.names) state_->names = state_->durable_names;
        state_->durable_names = state_->names;
        for (auto& [path, node] : state_->names) {
            for (auto const& [offset, before] : node->written_over) {
                auto const lost = std::min(luck.rewritten, before.size());
                node->octets.replace(offset + lost, before.size() - lost, before, lost);
            }
            node->written_over.clear();
            auto const kept = std::min(node->octets.size(), node->durable + luck.octets);
            node->octets.resize(kept);
            node->durable = kept;
        }
    }

    spool::Result<std::unique_ptr<spool::File>> create(std::string const& path) override {
        if (state_->is_dead()) return dead();
        if (state_->names.contains(path)) return spool::Error{spool::Errc::io, path + " exists"};
        auto node = std::make_shared<Node>();
        state_->names[path] = node;
        return std::unique_ptr<spool::File>(std::make_unique<OpenFile>(node, state_));
    }
    spool::Result<std::unique_ptr<spool::File>> open(std::string const& path) override {
        if (state_->is_dead()) return dead();
        auto const found = state_->names.find(path);
        if (found == state_->names.end()) return missing(path);
        return std::unique_ptr<spool::File>(std::make_unique<OpenFile>(found->second, state_));
    }
    spool::Result<std::unique_ptr<spool::File>> open_to_change(std::string const& path) override {
        return open(path);
    }
    spool::Result<std::unique_ptr<spool::File>> open_for_blocks(std::string const& path) override {
        return open(path);
    }
    spool::Result<void> rename(std::string const& from, std::string const& to) override {
        if (state_->is_dead()) return dead();
        auto moved = state_->names.extract(from);
        if (!moved) return missing(from);
        state_->names[to] = moved.mapped();
        return {};
    }
    spool::Result<void> remove(std::string const& path) override {
        if (state_->is_dead()) return dead();
        if (state_->names.erase(path) == 0) return missing(path);
        return {};
    }
    // Directories are there; LMDB's own must really be.
    spool::Result<void> make_directory(std::string const& path) override {
        if (state_->is_dead()) return dead();
        return real_.make_directory(path);
    }
    spool::Result<void> sync_directory(std::string const& path) override {
        if (state_->is_dead()) return dead();
        auto const is_in = [&](auto const& entry) { return folder_of(entry.first) == path; };
        std::erase_if(state_->durable_names, is_in);
        for (auto const& entry : state_->names) {
            if (is_in(entry)) state_->durable_names.insert(entry);
        }
        return {};
    }
    spool::Result<std::vector<std::string>> list(std::string const& path) override {
        if (state_->is_dead()) return dead();
        std::vector<std::string> all;
        for (auto const& [name, node] : state_->names) {
            if (folder_of(name) == path) all.push_back(name.substr(path.size() + 1));
        }
        return all;
    }
    spool::Result<std::uint64_t> free_space(std::string const&) override {
        if (state_->is_dead()) return dead();
        return std::uint64_t{1} << 40;
    }

private:
    struct Node {
        std::string octets;
        std::size_t durable = 0;
        // What stood where something else was written since the last sync, the newest first.
        std::deque<std::pair<std::size_t, std::string>> written_over;
    };
    using Names = std::map<std::string, std::shared_ptr<Node>>;
    struct State {
        Names names;
        Names durable_names;
        std::size_t calls = 0;
        std::size_t stops = 0;

        bool is_dead() { return ++calls >= stops && stops != 0; }
    };

    class OpenFile final : public spool::File {
    public:
        OpenFile(std::shared_ptr<Node> node, std::shared_ptr<State> state)
            : node_(std::move(node)), state_(std::move(state)) {}

        spool::Result<void> append(std::string_view octets) override {
            // A write that was cut off may have done its work.
            bool const is_dead = state_->is_dead();
            if (!is_dead || state_->calls == state_->stops) node_->octets += octets;
            if (is_dead) return dead();
            return {};
        }
        spool::Result<void> write_at(std::uint64_t offset, std::string_view octets) override {
            bool const is_dead = state_->is_dead();
            if (!is_dead || state_->calls == state_->stops) {
                node_->written_over.emplace_front(offset, node_->octets.substr(offset, octets.size()));
                node_->octets.replace(offset, octets.size(), octets);
            }
            if (is_dead) return dead();
            return {};
        }
        spool::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
            if (state_->is_dead()) return dead();
            auto const piece = std::string_view(node_->octets).substr(offset, buffer.size());
            std::copy(piece.begin(), piece.end(), buffer.begin());
            return piece.size();
        }
        spool::Result<std::uint64_t> size() override {
            if (state_->is_dead()) return dead();
            return node_->octets.size();
        }
        spool::Result<void> sync() override {
            if (state_->is_dead()) return dead();
            node_->durable = node_->octets.size();
            node_->written_over.clear();
            return {};
        }
        spool::Result<void> reserve(std::uint64_t octets) override {
            if (state_->is_dead()) return dead();
            node_->octets.resize(octets);
            return {};
        }
        void start_writeback(std::uint64_t, std::uint64_t) override {}

    private:
        std::shared_ptr<Node> node_;
        std::shared_ptr<State> state_;
    };

    static std::string folder_of(std::string const& path) {
        return path.substr(0, path.rfind('/'));
    }
    static spool::Error dead() { return {spool::Errc::io, "the power is gone"}; }
    static spool::Error missing(std::string const& path) {
        return {spool::Errc::not_found, "no " + path};
    }

    spool::PosixFileSystem real_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace splitmx::support
