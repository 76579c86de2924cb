#include "relay/outsiders.hpp"

#include "mail/letter_case.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace splitmx::relay {

namespace {

constexpr std::string_view hidden = "[hidden]";
constexpr std::array<std::string_view, 9> name_attributes{
    "cn", "uid", "ou", "dc", "o", "c", "l", "st", "sn"};

// Letters, digits, and what binds them to names, addresses and parts of a DN.
bool is_inside_word(char c) {
    bool const plain =
        (mail::to_lower(c) >= 'a' && mail::to_lower(c) <= 'z') || (c >= '0' && c <= '9');
    return plain || std::string_view(".-_:=@+%").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Judge {
public:
    Judge(
        std::string_view host,
        spool::QueuedRecipient const& recipient,
        resolver::RoutingTable const& table
    )
        : host_(mail::to_lower(host.substr(0, host.find_first_of("[:")))),
          recipient_(recipient),
          table_(table) {}

    bool is_secret(std::string_view word) const {
        if (word.find('@') != std::string_view::npos) return is_other_address(word);
        return is_address(word) || is_part_of_name(word) || is_host(word);
    }

private:
    bool is_other_address(std::string_view word) const {
        auto const lowered = mail::to_lower(word);
        return lowered == mail::to_lower(recipient_.rcpt) &&
               lowered != mail::to_lower(recipient_.original);
    }

    static bool is_address(std::string_view word) {
        if (mail::IpAddress::parse(word)) return true;
        auto const colon = word.rfind(':');  // of a port
        return colon != std::string_view::npos && mail::IpAddress::parse(word.substr(0, colon));
    }

    static bool is_part_of_name(std::string_view word) {
        auto const equals = word.find('=');
        if (equals == std::string_view::npos) return false;
        auto const attribute = mail::to_lower(word.substr(0, equals));
        return std::find(name_attributes.begin(), name_attributes.end(), attribute) !=
               name_attributes.end();
    }

    // The one that spoke, one that the configuration names, or one below a domain of ours.
    bool is_host(std::string_view word) const {
        auto const name = mail::to_lower(word.substr(0, word.find(':')));
        if (name == host_ || table_.hosts.contains(std::string(word))) return true;
        auto const domain = mail::Domain::parse(name);
        if (!domain || domain->is_literal() || domain->parent().empty()) return false;
        auto const* rule = table_.acceptance.find(*domain);
        if (!rule || std::holds_alternative<resolver::Relay>(rule->action)) return false;
        return *domain != rule->pattern.name;
    }

    std::string host_;
    spool::QueuedRecipient const& recipient_;
    resolver::RoutingTable const& table_;
};

}  // namespace

std::string for_outsiders(
    std::string_view text,
    std::string_view host,
    spool::QueuedRecipient const& recipient,
    resolver::RoutingTable const& table
) {
    Judge const judge(host, recipient, table);
    std::string out;
    while (!text.empty()) {
        auto const end = std::find_if_not(text.begin(), text.end(), is_inside_word);
        auto word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        text.remove_prefix(word.size());
        // A full stop or colon behind a word ends a sentence, not a name.
        auto const last = word.find_last_not_of(".:");
        auto const tail = last == std::string_view::npos ? word : word.substr(last + 1);
        word.remove_suffix(tail.size());
        if (!word.empty() && judge.is_secret(word))
            out += hidden;
        else
            out += word;
        out += tail;
        if (text.empty()) break;
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace splitmx::relay
