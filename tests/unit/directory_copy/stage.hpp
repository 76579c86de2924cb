// A copy with a clock that stands still, files in memory that may fail, and what it told.
#pragma once

#include "directory/copy/snapshot.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server.hpp"

namespace splitmx::directory::copy {

using namespace std::chrono_literals;

inline schema::Profile const& laser() { return *schema::find_profile("laser"); }

class CopyStage {
public:
    explicit CopyStage(Copy::Settings settings = {laser(), 60s, 24h * 7, 5min})
        : copy(std::make_unique<Copy>(
              std::move(settings),
              CopyObserver{
                  [this](auto const& addresses) {
                      for (auto const& one : addresses) changed.push_back(one.to_wire());
                  },
                  [this](SharedAddress const& one) { shared.push_back(one.address.to_wire()); },
                  [this](Note const& one) { notes.push_back((one.alarm ? "! " : "") + one.text); },
                  [this] { ++settled; }},
              CopyClock{[this] { return steady; }, [this] { return wall; }}
          )) {}

    sync::Reply take(std::vector<sync::Event> events) { return copy->take(std::move(events)); }
    sync::Reply take(sync::Event event) {
        std::vector<sync::Event> events;
        events.push_back(std::move(event));
        return copy->take(std::move(events));
    }
    std::optional<sync::Cookie> cookie() { return copy->start_cookie("ldap://test", {}); }
    // One refresh from where the copy stands.
    sync::Reply refresh(Server const& server, bool log_is_lost = false) {
        return take(server.refresh(cookie(), log_is_lost));
    }
    std::string who(std::string const& address) const {
        return owners(copy->find(mailbox(address)));
    }
    bool told(std::string const& part) const {
        return std::any_of(notes.begin(), notes.end(), [&](std::string const& note) {
            return note.find(part) != std::string::npos;
        });
    }
    void pass(mail::Duration time) {
        steady += time;
        wall += time;
    }

    std::chrono::steady_clock::time_point steady{1h};
    mail::Instant wall{24h * 365 * 50};
    std::vector<std::string> changed;
    std::vector<std::string> shared;
    std::vector<std::string> notes;
    int settled = 0;
    std::unique_ptr<Copy> copy;
};

// Files in memory. What was not synchronised when the power went is lost, or half of it is there.
class MemoryFiles final : public Files {
public:
    std::map<std::string, std::string> durable;  // by path
    std::size_t calls = 0;
    std::size_t failing = 0;  // from 1; 0: none

    mail::Result<std::unique_ptr<OutFile>> create(std::string const& path) override {
        if (strikes()) return error();
        durable[path].clear();
        return std::unique_ptr<OutFile>(std::make_unique<Out>(*this, path));
    }
    mail::Result<void> rename(std::string const& from, std::string const& to) override {
        if (strikes()) return error();
        durable[to] = std::move(durable[from]);
        durable.erase(from);
        return {};
    }
    mail::Result<void> sync_directory(std::string const&) override {
        if (strikes()) return error();
        return {};
    }
    mail::Result<std::optional<FileContent>> read(std::string const& path) override {
        if (strikes()) return error();
        auto const found = durable.find(path);
        if (found == durable.end()) return std::optional<FileContent>();
        FileContent content{
            std::unique_ptr<char[]>(new char[found->second.size() + 1]), found->second.size()};
        found->second.copy(content.octets.get(), content.size);
        return std::optional<FileContent>(std::move(content));
    }

private:
    class Out final : public OutFile {
    public:
        Out(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
        mail::Result<void> append(std::string_view octets) override {
            if (files_.strikes()) {
                files_.durable[path_] += octets.substr(0, octets.size() / 2);
                return error();
            }
            files_.durable[path_] += octets;
            return {};
        }
        mail::Result<void> sync() override {
            if (files_.strikes()) return error();
            return {};
        }

    private:
        MemoryFiles& files_;
        std::string path_;
    };

    bool strikes() { return ++calls == failing; }
    static mail::Error error() { return {"/copy: Input/output error", 0}; }
};

inline Snapshot snapshot_in(MemoryFiles& files, std::string base = "dc=example,dc=com") {
    return {files, "/state/main.copy", {{"base", std::move(base)}, {"filter", "(a=b)"}}};
}

}  // namespace splitmx::directory::copy
