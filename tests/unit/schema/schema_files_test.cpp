// The schema files and the samples against a real slapd's own tools, where they are installed.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

fs::path const root = SPLITMX_SOURCE_DIR;
fs::path const stock = "/etc/ldap/schema";
fs::path const modules = "/usr/lib/ldap";

bool slapd_is_there() {
    if (fs::exists("/usr/sbin/slaptest") && fs::exists("/usr/sbin/slapadd") &&
        fs::exists(stock / "misc.schema") && fs::exists(modules / "back_mdb.so")) {
        return true;
    }
    WARN("skipped: slapd (slaptest, slapadd, misc.schema, back_mdb) is not installed");
    return false;
}

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "splitmx-schema-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path operator/(std::string const& name) const { return path_ / name; }

private:
    fs::path path_;
};

void run(std::string const& command) {
    INFO(command);
    CHECK(std::system(command.c_str()) == 0);
}

std::string text_of(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("slapd loads recipient.schema, and both samples", "[schema]") {
    if (!slapd_is_there()) return;
    TemporaryFolder const folder;
    std::ofstream conf(folder / "slapd.conf");
    for (auto const* name : {"core", "cosine", "inetorgperson", "misc"}) {
        conf << "include " << (stock / name).string() << ".schema\n";
    }
    conf << "include " << (root / "schema/recipient.schema").string() << "\n";
    conf << "modulepath " << modules.string() << "\nmoduleload back_mdb\n";
    for (auto const* name : {"adatum", "fabrikam"}) {
        fs::create_directory(folder / name);
        conf << "database mdb\nsuffix dc=" << name << ",dc=com\nmaxsize 10485760\n"
             << "directory " << (folder / name).string() << "\n";
    }
    conf.close();
    auto const option = " -f " + (folder / "slapd.conf").string();
    run("/usr/sbin/slaptest -Q -u" + option);
    auto const add = "/usr/sbin/slapadd -q" + option;
    run(add + " -b dc=adatum,dc=com -l " + (root / "schema/sample.ldif").string());
    run(add + " -b dc=fabrikam,dc=com -l " + (root / "schema/sample-splitmx.ldif").string());
}

TEST_CASE("slapd loads recipient.ldif into cn=config", "[schema]") {
    if (!slapd_is_there()) return;
    TemporaryFolder const folder;
    std::ofstream config(folder / "config.ldif");
    config << "dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n"
           << "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
           << text_of(stock / "core.ldif") << "\n"
           << text_of(root / "schema/recipient.ldif");
    config.close();
    fs::create_directory(folder / "slapd.d");
    auto const option = " -F " + (folder / "slapd.d").string();
    run("/usr/sbin/slapadd -n 0" + option + " -l " + (folder / "config.ldif").string());
    run("/usr/sbin/slaptest -Q -u" + option);
}

// Both files define the same things under the same numbers.
TEST_CASE("recipient.schema and recipient.ldif say the same", "[schema]") {
    auto const words = [](std::string text, std::string const& intro, std::string const& label) {
        std::string all;
        for (auto at = text.find(intro); at != std::string::npos; at = text.find(intro, at + 1)) {
            // From the bracket to the end of the definition: the next one or the end.
            auto const end = std::min(text.find("\n\n", at + 1), text.find("\nolc", at + 1));
            std::string one = label;
            bool blank = false;
            for (char const c : text.substr(at + intro.size(), end - at - intro.size())) {
                bool const is_blank = c == ' ' || c == '\n';
                if (is_blank && !blank) one += ' ';
                if (!is_blank) one += c;
                blank = is_blank;
            }
            while (one.ends_with(' ')) one.pop_back();
            all += one + "\n";
        }
        return all;
    };
    auto const schema = text_of(root / "schema/recipient.schema");
    auto const ldif = text_of(root / "schema/recipient.ldif");
    auto const attributes = words(schema, "\nattributetype ", "A ");
    CHECK(attributes.size() > 500);
    CHECK(attributes == words(ldif, "\nolcAttributeTypes: ", "A "));
    auto const classes = words(schema, "\nobjectclass ", "C ");
    CHECK(classes.size() > 300);
    CHECK(classes == words(ldif, "\nolcObjectClasses: ", "C "));
}
