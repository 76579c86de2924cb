#include "ldap/change.hpp"

#include "ldap/ldif.hpp"
#include "ldap/ldif_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::ldap {

namespace {

using Operation = Modification::Operation;

std::string_view to_word(Operation operation) {
    switch (operation) {
        case Operation::add:
            return "add";
        case Operation::remove:
            return "delete";
        case Operation::replace:
            break;
    }
    return "replace";
}

std::string body_of(AddEntry const& change) {
    auto text = to_ldif(change.entry);
    // Behind the DN, whose line may be folded.
    auto at = text.find('\n') + 1;
    while (at < text.size() && text[at] == ' ') at = text.find('\n', at) + 1;
    return text.insert(at, "changetype: add\n");
}

std::string body_of(ModifyEntry const& change) {
    auto text = ldif_line("dn", change.dn.text()) + "changetype: modify\n";
    for (auto const& one : change.modifications) {
        text += fmt::format("{}: {}\n", to_word(one.operation), one.attribute);
        for (auto const& value : one.values) text += ldif_line(one.attribute, value);
        text += "-\n";
    }
    return text + "\n";
}

std::string body_of(DeleteEntry const& change) {
    return ldif_line("dn", change.dn.text()) + "changetype: delete\n\n";
}

// An entry whose attributes can lose values.
class Draft {
public:
    explicit Draft(Entry const& entry) : dn_(entry.dn()), attributes_(entry.attributes()) {}

    std::optional<Error> apply(Modification const& change) {
        if (change.operation == Operation::replace ||
            (change.operation == Operation::remove && change.values.empty())) {
            std::erase_if(attributes_, [&](Attribute const& attribute) {
                return equal_no_case(attribute.name, change.attribute);
            });
        }
        if (change.operation == Operation::remove) return remove(change);
        return add(change);
    }

    Entry take() {
        Entry entry(std::move(dn_));
        for (auto& attribute : attributes_) {
            if (!attribute.values.empty()) entry.add(attribute.name, std::move(attribute.values));
        }
        return entry;
    }

private:
    Attribute* find(std::string const& name) {
        auto const found =
            std::find_if(attributes_.begin(), attributes_.end(), [&](Attribute const& attribute) {
                return equal_no_case(attribute.name, name);
            });
        return found == attributes_.end() ? nullptr : &*found;
    }

    static auto find_value(Attribute& attribute, std::string const& value) {
        return std::find_if(
            attribute.values.begin(),
            attribute.values.end(),
            [&](std::string const& one) { return equal_no_case(one, value); }
        );
    }

    std::optional<Error> remove(Modification const& change) {
        auto* const attribute = find(change.attribute);
        for (auto const& value : change.values) {
            if (attribute) {
                auto const at = find_value(*attribute, value);
                if (at != attribute->values.end()) {
                    attribute->values.erase(at);
                    continue;
                }
            }
            return Error(
                Errc::syntax,
                fmt::format("{} has no value {}: {}", dn_.text(), change.attribute, value)
            );
        }
        return std::nullopt;
    }

    std::optional<Error> add(Modification const& change) {
        auto* attribute = find(change.attribute);
        if (!attribute) {
            attributes_.push_back({change.attribute, {}, false});
            attribute = &attributes_.back();
        }
        for (auto const& value : change.values) {
            if (find_value(*attribute, value) != attribute->values.end()) {
                return Error(
                    Errc::syntax,
                    fmt::format("{} has {}: {} already", dn_.text(), change.attribute, value)
                );
            }
            attribute->values.push_back(value);
        }
        return std::nullopt;
    }

    Dn dn_;
    std::vector<Attribute> attributes_;
};

}  // namespace

Dn const& dn_of(Change const& change) {
    if (auto const* add = std::get_if<AddEntry>(&change)) return add->entry.dn();
    if (auto const* modify = std::get_if<ModifyEntry>(&change)) return modify->dn;
    return std::get<DeleteEntry>(change).dn;
}

std::string to_comment(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = text.substr(0, end);
        out += line.empty() ? "#\n" : fmt::format("# {}\n", line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string to_ldif(Change const& change, std::string_view comment) {
    return to_comment(comment) + std::visit([](auto const& one) { return body_of(one); }, change);
}

Result<Entry> apply(ModifyEntry const& change, Entry const& entry) {
    Draft draft(entry);
    for (auto const& modification : change.modifications) {
        if (auto error = draft.apply(modification)) return *error;
    }
    return draft.take();
}

}  // namespace splitmx::ldap
