// A snapshot of the directory as a damaged disk gives it back: refused, or one that can be used.
// The checksum is not made right here: what it covers is trusted, since only we write there.
// Input: the file.
#include "directory/copy/snapshot.hpp"

#include <cstring>

#include "fuzz/input.hpp"

using namespace splitmx;
namespace copy = splitmx::directory::copy;

namespace {

class OneFile final : public copy::Files {
public:
    explicit OneFile(std::string octets) : octets_(std::move(octets)) {}

    mail::Result<std::unique_ptr<copy::OutFile>> create(std::string const&) override {
        return mail::Error{"nothing is written here", 0};
    }
    mail::Result<void> rename(std::string const&, std::string const&) override { return {}; }
    mail::Result<void> sync_directory(std::string const&) override { return {}; }
    mail::Result<std::optional<copy::FileContent>> read(std::string const&) override {
        copy::FileContent content{std::make_unique<char[]>(octets_.size()), octets_.size()};
        std::memcpy(content.octets.get(), octets_.data(), octets_.size());
        return std::optional(std::move(content));
    }

private:
    std::string octets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::Input input(data, size);
    OneFile files(std::string(input.rest()));
    copy::Copy::Settings settings;
    settings.profile = *schema::find_profile("splitmx");
    settings.fresh = settings.max_age = settings.second_look = std::chrono::hours(1);
    copy::Copy copied(
        settings, {}, {std::chrono::steady_clock::now, std::chrono::system_clock::now}
    );
    copy::Snapshot snapshot(
        files, "/state/main.copy", {{"base", "dc=example,dc=com"}, {"filter", "(a=b)"}}
    );
    auto const result = snapshot.load(copied);
    if (!std::holds_alternative<copy::Snapshot::Loaded>(result)) return 0;
    std::vector<resolver::LookupKey> keys;
    for (std::size_t part = 0; part < copy::Index::parts; ++part) {
        for (auto const& listed : copied.part(part)) {
            for (auto const& address : listed.recipient->addresses) keys.emplace_back(address);
            for (auto const& x500 : listed.recipient->x500_addresses) keys.emplace_back(x500);
            keys.emplace_back(listed.recipient->name);
        }
    }
    for (auto const& key : keys) (void)copied.find(key);
    return 0;
}
