#include "support/slapd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace splitmx::test {

namespace {

[[nodiscard]] pid_t spawn(
    std::vector<std::string> const& command, std::filesystem::path const& output
) {
    std::vector<char*> arguments;
    for (auto const& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    auto const parent = ::getpid();
    auto const pid = ::fork();
    if (pid < 0) throw std::runtime_error("fork failed");
    if (pid > 0) return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    int const in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    int const out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    // The sanitizers' settings are for our programs.
    ::unsetenv("LD_PRELOAD");
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

[[nodiscard]] std::string content(std::filesystem::path const& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

void run(std::vector<std::string> const& command, std::filesystem::path const& output) {
    int status = 0;
    auto const pid = spawn(command, output);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error(command.front() + " failed: " + content(output));
    }
}

[[nodiscard]] bool accepts_connections(int port) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool const good =
        ::connect(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    ::close(fd);
    return good;
}

[[nodiscard]] std::string on(std::string_view scheme, std::string_view host, int port) {
    return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port);
}

}  // namespace

TempDirectory::TempDirectory() {
    auto name = (std::filesystem::temp_directory_path() / "splitmx-slapd-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
}

TempDirectory::~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Certificate::Certificate(std::filesystem::path const& directory)
    : certificate(directory / "cert.pem"), key(directory / "key.pem") {
    run({"/usr/bin/openssl",
         "req",
         "-x509",
         "-newkey",
         "ec",
         "-pkeyopt",
         "ec_paramgen_curve:prime256v1",
         "-nodes",
         "-days",
         "2",
         "-subj",
         "/CN=127.0.0.1",
         "-addext",
         "subjectAltName=IP:127.0.0.1",
         "-keyout",
         key.string(),
         "-out",
         certificate.string()},
        directory / "openssl.log");
}

int free_port() {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr const*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no free port");
    }
    ::close(fd);
    return ntohs(address.sin_port);
}

Slapd::Slapd(Options const& options)
    : port_(free_port()), tls_port_(free_port()), tls_(options.tls) {
    std::signal(SIGPIPE, SIG_IGN);
    if (tls_) Certificate{directory_.path()};
    std::filesystem::create_directory(directory_.path() / "data");
    write_config(options);
    load(options.ldif);
    start();
}

Slapd::~Slapd() { kill(); }

void Slapd::write_config(Options const& options) const {
    auto const dir = directory_.path().string();
    std::ofstream out(directory_.path() / "slapd.conf");
    for (auto const* schema : {"core", "cosine", "inetorgperson", "misc"}) {
        out << "include /etc/ldap/schema/" << schema << ".schema\n";
    }
    out << "modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        << (options.syncprov || options.module_only ? "moduleload syncprov\n" : "") << "sizelimit "
        << options.size_limit << "\n"
        << "pidfile " << dir << "/slapd.pid\n";
    if (tls_) {
        out << "TLSCertificateFile " << dir << "/cert.pem\n"
            << "TLSCertificateKeyFile " << dir << "/key.pem\n";
    }
    out << "database mdb\nmaxsize " << options.map_size << "\ndbnosync\ndirectory " << dir
        << "/data\n"
        << "suffix " << base << "\nrootdn " << admin_dn << "\nrootpw " << admin_password << "\n"
        << "index objectClass,mail,cn,entryUUID,entryCSN eq\n"
        << options.access << options.config << "\n";
    if (!options.syncprov) return;
    out << "overlay syncprov\nsyncprov-checkpoint 100 10\n";
    if (options.session_log > 0) out << "syncprov-sessionlog " << options.session_log << "\n";
}

void Slapd::load(std::string const& ldif) const {
    auto const file = directory_.path() / "load.ldif";
    std::ofstream(file) << "dn: " << base
                        << "\nobjectClass: domain\nobjectClass: top\ndc: example\n\n"
                        << ldif;
    auto const config = (directory_.path() / "slapd.conf").string();
    run({"/usr/sbin/slapadd", "-q", "-f", config, "-l", file.string()},
        directory_.path() / "slapadd.log");
}

void Slapd::start() {
    auto const urls =
        uri() + "/ " + other_uri() + "/ " + local_uri() + (tls_ ? " " + tls_uri() + "/" : "");
    auto const config = (directory_.path() / "slapd.conf").string();
    pid_ = spawn(
        {"/usr/sbin/slapd", "-d", "0", "-f", config, "-h", urls}, directory_.path() / "slapd.log"
    );
    wait_until_it_listens();
}

void Slapd::wait_until_it_listens() const {
    for (int i = 0; i < 2000; ++i) {
        if (accepts_connections(port_)) return;
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
        ::poll(nullptr, 0, 10);
    }
    throw std::runtime_error("slapd does not start: " + content(directory_.path() / "slapd.log"));
}

void Slapd::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

void Slapd::stop() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

void Slapd::change(std::string const& ldif) const {
    auto const file = directory_.path() / "change.ldif";
    std::ofstream(file) << ldif;
    run({"/usr/bin/ldapmodify",
         "-a",
         "-x",
         "-H",
         local_uri(),
         "-D",
         std::string(admin_dn),
         "-w",
         std::string(admin_password),
         "-f",
         file.string()},
        directory_.path() / "change.log");
}

void Slapd::back_up() const {
    std::filesystem::remove_all(directory_.path() / "backup");
    std::filesystem::copy(directory_.path() / "data", directory_.path() / "backup");
}

void Slapd::restore() const {
    std::filesystem::remove_all(directory_.path() / "data");
    std::filesystem::copy(directory_.path() / "backup", directory_.path() / "data");
}

void Slapd::freeze() {
    ::kill(pid_, SIGSTOP);
    int status = 0;
    while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
}

void Slapd::thaw() { ::kill(pid_, SIGCONT); }

std::string Slapd::uri() const { return on("ldap", "127.0.0.1", port_); }

std::string Slapd::other_uri() const { return on("ldap", "127.0.0.2", port_); }

std::string Slapd::tls_uri() const { return on("ldaps", "127.0.0.1", tls_port_); }

std::string Slapd::local_uri() const {
    std::string out = "ldapi://";
    for (char const c : (directory_.path() / "ldapi").string()) {
        if (c == '/') {
            out += "%2F";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace splitmx::test
