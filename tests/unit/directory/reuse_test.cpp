// What a reload keeps: sources that are set up alike.
#include "config/read.hpp"
#include "directory/directory_service.hpp"
#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

using namespace splitmx;

namespace {

void write(std::filesystem::path const& file, std::string const& text) {
    std::ofstream(file) << text;
}

std::unique_ptr<directory::DirectoryService> start(
    std::filesystem::path const& file, directory::DirectoryService const* previous = nullptr
) {
    auto const loaded = config::load(file, config::Purpose::look_up);
    INFO(loaded.report);
    REQUIRE(loaded.config);
    auto service = directory::DirectoryService::start(*loaded.config, {}, previous);
    REQUIRE(service.has_value());
    return std::move(*service);
}

bool knows(directory::DirectoryService const& service, std::string const& address) {
    auto const answer = service.find(*mail::Mailbox::parse(address));
    return std::holds_alternative<resolver::One>(answer);
}

std::string person(std::string const& name) {
    return "dn: uid=" + name + ",dc=a\nobjectClass: inetLocalMailRecipient\nuid: " + name +
           "\nmailLocalAddress: " + name + "@a.example\n";
}

}  // namespace

TEST_CASE("directory service: equal settings keep the source, others start anew") {
    support::TemporaryDirectory const folder;
    auto const file = folder.path() / "splitmx.toml";
    auto const ldif = folder.path() / "people.ldif";
    std::string const main = "[directory.main]\nuri = \"ldif:people.ldif\"\nprofile = \"laser\"\n";
    write(ldif, person("anna"));
    write(file, main);
    auto const first = start(file);
    REQUIRE(knows(*first, "anna@a.example"));

    SECTION("the same file is not read again, and outlives the service that opened it") {
        auto second = start(file, first.get());
        CHECK(second->source("main") == first->source("main"));
        write(file, main + "[limits]\nerrors = 5\n");
        auto const third = start(file, second.get());
        second.reset();
        CHECK(third->source("main") == first->source("main"));
        CHECK(knows(*third, "anna@a.example"));
    }
    SECTION("a file that changed is read again") {
        write(ldif, person("bob"));
        auto const second = start(file, first.get());
        CHECK(knows(*second, "bob@a.example"));
        CHECK_FALSE(knows(*second, "anna@a.example"));
        CHECK(knows(*first, "anna@a.example"));
    }
    SECTION("the names of hosts are part of how a source is set up") {
        write(file, main + "[host.notes]\naddress = \"127.0.0.1:2525\"\n");
        auto const second = start(file, first.get());
        CHECK(second->source("main") != first->source("main"));
    }
    SECTION("one that is gone is gone") {
        write(file, "");
        auto const second = start(file, first.get());
        CHECK(second->source("main") == nullptr);
    }
}
