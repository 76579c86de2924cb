// A private directory server for tests: OpenLDAP's slapd on a loopback port, in a directory of its
// own, which can do to its clients what real servers do: stop, die, hang, forget, come back as an
// older one.
//
// Started by path in the constructor, loaded from LDIF text before that, ended by process id; it
// also ends when the test program dies. It serves dc=example,dc=com with the stock schemas. Unless
// `access` says otherwise only `admin_dn` may read: an answer proves a bind. SIGPIPE is ignored
// from then on, as the program does. Anything that goes wrong here throws std::runtime_error.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace splitmx::test {

// Removed with everything in it.
class TempDirectory {
public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(TempDirectory const&) = delete;
    TempDirectory& operator=(TempDirectory const&) = delete;

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

// A self-made certificate for 127.0.0.1 and its key; also the CA to check it with.
// An IP address, because libldap replaces "localhost" by the machine's name before it compares.
struct Certificate {
    explicit Certificate(std::filesystem::path const& directory);

    std::filesystem::path certificate;
    std::filesystem::path key;
};

// A port of 127.0.0.1 that nobody listened on a moment ago.
[[nodiscard]] int free_port();

class Slapd {
public:
    static constexpr std::string_view base = "dc=example,dc=com";
    static constexpr std::string_view admin_dn = "cn=admin,dc=example,dc=com";
    static constexpr std::string_view admin_password = "secret";

    struct Options {
        std::string ldif = {};    // entries below the base; the base itself is there
        std::string config = {};  // more lines for slapd.conf, for the database
        bool tls = false;
        std::string access = "access to * by * none\n";  // lines of slapd.conf
        bool syncprov = false;                           // content synchronisation (RFC 4533)
        bool module_only = false;  // syncprov is loaded, but not for this database
        int session_log = 0;   // changes it remembers for clients that come back; none by itself
        int size_limit = 500;  // entries, for all but the administrator; slapd's own default
        std::size_t map_size = std::size_t{100} << 20U;  // octets of the database
    };

    explicit Slapd(Options const& options);
    ~Slapd();
    Slapd(Slapd const&) = delete;
    Slapd& operator=(Slapd const&) = delete;

    void start();   // on the same port, with the same data
    void stop();    // in good order
    void kill();    // SIGKILL; connections break
    void freeze();  // SIGSTOP; the kernel goes on to accept connections and octets
    void thaw();

    // Change records (RFC 2849), as the administrator. A record without a changetype is added.
    void change(std::string const& ldif) const;
    // The data as they are, and back to those. Requires: not running.
    void back_up() const;
    void restore() const;

    [[nodiscard]] std::string uri() const;        // ldap://127.0.0.1:port
    [[nodiscard]] std::string other_uri() const;  // ldap://127.0.0.2:port, not in the certificate
    [[nodiscard]] std::string tls_uri() const;    // ldaps://127.0.0.1:port, if there is TLS
    [[nodiscard]] std::string local_uri() const;  // ldapi://
    [[nodiscard]] std::filesystem::path certificate() const {
        return directory_.path() / "cert.pem";
    }

private:
    void write_config(Options const& options) const;
    void load(std::string const& ldif) const;
    void wait_until_it_listens() const;

    TempDirectory directory_;
    int port_;
    int tls_port_;
    bool tls_;
    pid_t pid_ = -1;
};

}  // namespace splitmx::test
