// Certificates for tests, made by the openssl program: an authority of their own, and what it
// issues. Each object is a folder that goes with it.
#pragma once

#include "support/temporary_directory.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace splitmx::support {

struct IssuedFiles {
    std::string certificate;  // file names
    std::string key;
};

inline std::string text_of_file(std::string const& name) {
    std::ifstream in(name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

class TestAuthority {
public:
    TestAuthority() {
        run("req -x509 " + new_key("ca.key") + " -out " + ca_file() +
            " -days 30 -subj '/CN=Test authority'");
    }

    std::string ca_file() const { return folder_.file("ca.pem"); }
    std::string file(std::string const& name) const { return folder_.file(name); }

    // `names` as in a subjectAltName: "DNS:a.example,IP:127.0.0.1". Less than 1 day: expired.
    IssuedFiles issue(std::string const& names, int days = 30) {
        auto const base = folder_.file(std::to_string(++issued_));
        std::ofstream(base + ".cnf") << "subjectAltName=" << names << '\n';
        run("req " + new_key(std::to_string(issued_) + ".key") + " -out " + base +
            ".csr -subj '/CN=test'");
        run("x509 -req -in " + base + ".csr -CA " + ca_file() + " -CAkey " +
            folder_.file("ca.key") + " -CAcreateserial -days " + std::to_string(days) +
            " -extfile " + base + ".cnf -out " + base + ".pem");
        return {base + ".pem", base + ".key"};
    }

    void run(std::string const& arguments) const {
        auto const command = "openssl " + arguments + " >" + folder_.file("log") + " 2>&1";
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error(command + ": " + text_of_file(folder_.file("log")));
        }
    }

private:
    std::string new_key(std::string const& name) const {
        return "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout " +
               folder_.file(name);
    }

    TemporaryDirectory folder_;
    int issued_ = 0;
};

}  // namespace splitmx::support
