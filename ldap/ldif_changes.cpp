// Change records (RFC 2849), for "what if": a file as ldapmodify would take it.
#include "ldap/change.hpp"
#include "ldap/ldif_record.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace splitmx::ldap {

namespace {

using Operation = Modification::Operation;

Error wrong(LdifLine const& line, std::string what, Errc code = Errc::syntax) {
    return Error(code, std::move(what), line.number);
}

std::optional<Operation> operation_of(std::string_view name) {
    if (equal_no_case(name, "add")) return Operation::add;
    if (equal_no_case(name, "delete")) return Operation::remove;
    if (equal_no_case(name, "replace")) return Operation::replace;
    return std::nullopt;
}

// One record, whose first line is its DN.
class ChangeReader {
public:
    ChangeReader(LdifRecord& record, LdifLine first) : record_(record), line_(first) {}

    Result<Change> read() {
        auto dn = Dn::parse(line_.value);
        if (!equal_no_case(line_.name, "dn") || !dn) {
            return wrong(line_, "a record begins with 'dn:' and a DN");
        }
        if (auto error = step()) return *error;
        std::string_view type = "add";
        std::string const named(line_.value);
        if (!done_ && equal_no_case(line_.name, "changetype")) {
            type = named;
            if (auto error = step()) return *error;
        }
        if (equal_no_case(type, "add")) return read_entry(std::move(*dn));
        if (equal_no_case(type, "modify")) return read_modifications(std::move(*dn));
        if (equal_no_case(type, "delete") && done_) return Change(DeleteEntry{std::move(*dn)});
        return wrong(line_, fmt::format("changetype {} is not read", type), Errc::unsupported);
    }

private:
    // To the next line. Gives the error, if any.
    std::optional<Error> step() {
        auto next = record_.next();
        if (!next) return next.error();
        done_ = !*next;
        if (!done_) line_ = **next;
        return std::nullopt;
    }

    Result<Change> read_entry(Dn dn) {
        Entry entry(std::move(dn));
        while (!done_) {
            entry.add(line_.name, std::string(line_.value));
            if (auto error = step()) return *error;
        }
        return Change(AddEntry{std::move(entry)});
    }

    Result<Change> read_modifications(Dn dn) {
        ModifyEntry change{std::move(dn), {}};
        while (!done_) {
            auto const operation = operation_of(line_.name);
            if (!operation) return wrong(line_, "'add:', 'delete:' or 'replace:' expected");
            Modification one{*operation, std::string(line_.value), {}};
            if (auto error = step()) return *error;
            while (!done_ && line_.name != "-") {
                if (!equal_no_case(line_.name, one.attribute)) {
                    return wrong(line_, fmt::format("'{}:' or '-' expected", one.attribute));
                }
                one.values.emplace_back(line_.value);
                if (auto error = step()) return *error;
            }
            change.modifications.push_back(std::move(one));
            if (done_) break;
            if (auto error = step()) return *error;
        }
        return Change(std::move(change));
    }

    LdifRecord& record_;
    LdifLine line_;
    bool done_ = false;
};

}  // namespace

Result<std::vector<Change>> parse_changes(std::string_view text) {
    auto const plain = plain_ldif(text);
    if (!plain) return plain.error();
    std::vector<Change> changes;
    LdifParts parts(*plain);
    for (bool first = true; auto const part = parts.next(); first = false) {
        LdifRecord record(part->text, part->line);
        auto line = record.next();
        if (line && *line && first && equal_no_case((*line)->name, "version")) line = record.next();
        if (!line) return line.error();
        if (!*line) continue;  // comments only
        auto change = ChangeReader(record, **line).read();
        if (!change) return change.error();
        changes.push_back(std::move(*change));
    }
    return changes;
}

Result<std::vector<Change>> read_changes(std::filesystem::path const& file) {
    auto const text = read_ldif_text(file);
    if (!text) return text.error();
    auto changes = parse_changes(*text);
    if (changes) return changes;
    return in_file(file, changes.error());
}

}  // namespace splitmx::ldap
