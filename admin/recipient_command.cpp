#include "admin/recipient_command.hpp"

#include "admin/password_file.hpp"
#include "admin/recipient_text.hpp"
#include "admin/world.hpp"
#include "ldap/ldif.hpp"
#include "schema/address_value.hpp"
#include "schema/listing.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>

#include "control/decision_text.hpp"

namespace splitmx::admin {

namespace {

using Planned = std::variant<Plan, PlanError>;

ExitCode complain(Context const& context, ExitCode code, std::string const& what) {
    context.streams.error << "splitmx recipient: " << what << "\n";
    return code;
}

std::variant<directory::WriteAccount, ExitCode> account_of(
    ApplyOptions const& options, Context const& context
) {
    directory::WriteAccount account;
    if (options.bind_dn.empty() != options.password_file.empty()) {
        return complain(context, ExitCode::usage, "--bind-dn and --password-file go together");
    }
    if (options.bind_dn.empty()) return account;
    auto password = read_password(options.password_file);
    if (!password) {
        return complain(
            context, ExitCode::usage, "cannot read a password from " + options.password_file
        );
    }
    account.bind_dn = options.bind_dn;
    account.password = std::move(*password);
    return account;
}

// What is kept back is not printed either: it might be on its way into ldapmodify.
void print(Plan const& plan, bool kept_back, Context const& context) {
    auto& output = context.streams.output;
    for (auto const& comment : plan.comments) output << ldap::to_comment(comment);
    if (kept_back) return;
    for (auto const& change : plan.changes) output << ldap::to_ldif(change);
}

ExitCode perform(
    RecipientPlanner& planner, Plan const& plan, ApplyOptions const& options, Context const& context
) {
    auto const account = account_of(options, context);
    if (auto const* code = std::get_if<ExitCode>(&account)) return *code;
    auto const done = planner.desk().apply(plan.changes, std::get<0>(account));
    if (!done) return complain(context, ExitCode::unavailable, done.error().what);
    context.streams.error << fmt::format(
        "done: {} change{} in directory \"{}\"\n",
        plan.changes.size(),
        plan.changes.size() == 1 ? "" : "s",
        planner.desk().directory().name
    );
    return ExitCode::ok;
}

// With a planner for that directory.
ExitCode with_planner(
    std::string const& directory,
    Context const& context,
    std::function<ExitCode(RecipientPlanner&)> const& work
) {
    auto loaded = load_config(context, "recipient");
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto opened = RecipientPlanner::open(std::get<config::Config>(loaded), directory);
    if (auto const* error = std::get_if<PlanError>(&opened)) {
        return complain(context, error->code, error->what);
    }
    return work(std::get<RecipientPlanner>(opened));
}

// Plans, prints, and does it where that is wanted and nothing speaks against it.
ExitCode carry_out(
    ApplyOptions const& options,
    Context const& context,
    std::function<Planned(RecipientPlanner&)> const& make_plan
) {
    return with_planner(options.directory, context, [&](RecipientPlanner& planner) {
        auto const planned = make_plan(planner);
        if (auto const* error = std::get_if<PlanError>(&planned)) {
            return complain(context, error->code, error->what);
        }
        auto const& plan = std::get<Plan>(planned);
        bool const kept_back = !plan.objections.empty() && !options.force;
        print(plan, kept_back, context);
        for (auto const& objection : plan.objections) {
            complain(context, ExitCode::bad_data, objection);
        }
        if (kept_back) {
            context.streams.error
                << "nothing was changed, nor printed to be applied; --force does\n";
            return ExitCode::bad_data;
        }
        if (options.apply) return perform(planner, plan, options, context);
        context.streams.error << "nothing was changed; --apply does it\n";
        return ExitCode::ok;
    });
}

std::variant<std::vector<mail::Mailbox>, ExitCode> read_addresses(
    std::vector<std::string> const& texts, Context const& context
) {
    std::vector<mail::Mailbox> addresses;
    for (auto const& text : texts) {
        auto address = mail::Mailbox::parse(text);
        if (!address) {
            return complain(
                context,
                ExitCode::usage,
                fmt::format("{}: {}", mail::to_log_text(text), address.error().what)
            );
        }
        addresses.push_back(std::move(*address));
    }
    if (addresses.empty()) return complain(context, ExitCode::usage, "which address?");
    return addresses;
}

// A target has to be good: a typing error would be found by senders.
std::variant<resolver::TargetAddress, ExitCode> read_target(
    std::string const& text, Context const& context
) {
    auto target = schema::read_target(text);
    if (!target) return complain(context, ExitCode::usage, "--target names nobody");
    if (target->type != "SMTP") return std::move(*target);
    auto const address = mail::Mailbox::parse(target->value);
    if (address) return std::move(*target);
    return complain(
        context,
        ExitCode::usage,
        fmt::format("--target {}: {}", mail::to_log_text(text), address.error().what)
    );
}

std::variant<schema::RecipientWish, ExitCode> read_wish(
    std::string const& target, std::string const& host, Context const& context
) {
    schema::RecipientWish wish;
    wish.host = host;
    if (target.empty()) return wish;
    if (!host.empty()) {
        return complain(
            context, ExitCode::usage, "--host is for a mailbox, --target for a custom recipient"
        );
    }
    auto read = read_target(target, context);
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    wish.kind = resolver::RecipientKind::custom_recipient;
    wish.target = std::get<resolver::TargetAddress>(std::move(read));
    return wish;
}

}  // namespace

ExitCode show_recipient(ShowOptions const& options, Context const& context) {
    auto read = read_addresses({options.address}, context);
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    auto const& address = std::get<0>(read).front();
    return with_planner(options.directory, context, [&](RecipientPlanner& planner) {
        auto const found = planner.owners(address);
        if (auto const* error = std::get_if<PlanError>(&found)) {
            return complain(context, error->code, error->what);
        }
        schema::Listing listing;
        listing.sources.push_back({planner.desk().directory().name, planner.profile(), 0});
        for (auto const& entry : std::get<0>(found)) {
            listing.add(0, std::make_shared<ldap::Entry const>(entry));
        }
        auto& output = context.streams.output;
        for (auto const& listed : listing.recipients) {
            if (options.json) {
                output << to_json(listing, listed) << "\n";
            } else {
                output << to_text(listed) << "\n" << ldap::to_ldif(*listed.entry);
            }
        }
        if (!options.json) output << control::summary(address.to_wire(), planner.decide(address));
        return listing.recipients.empty() ? ExitCode::unknown_recipient : ExitCode::ok;
    });
}

ExitCode add_recipient(AddOptions const& options, Context const& context) {
    auto addresses = read_addresses(options.addresses, context);
    if (auto const* code = std::get_if<ExitCode>(&addresses)) return *code;
    if (options.custom && options.target.empty()) {
        return complain(context, ExitCode::usage, "a custom recipient needs --target");
    }
    auto read = read_wish(options.target, options.host, context);
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    auto& wish = std::get<schema::RecipientWish>(read);
    wish.new_addresses = std::get<0>(std::move(addresses));
    return carry_out(options.apply, context, [&](RecipientPlanner& planner) {
        return planner.add(wish, options.place);
    });
}

ExitCode convert_recipient(ConvertOptions const& options, Context const& context) {
    auto const addresses = read_addresses({options.address}, context);
    if (auto const* code = std::get_if<ExitCode>(&addresses)) return *code;
    auto const read = read_wish(options.target, options.host, context);
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    return carry_out(options.apply, context, [&](RecipientPlanner& planner) {
        return planner.convert(std::get<0>(addresses).front(), std::get<0>(read));
    });
}

ExitCode remove_recipient(RemoveOptions const& options, Context const& context) {
    auto const addresses = read_addresses({options.address}, context);
    if (auto const* code = std::get_if<ExitCode>(&addresses)) return *code;
    return carry_out(options.apply, context, [&](RecipientPlanner& planner) {
        return planner.remove(std::get<0>(addresses).front(), options.address_only);
    });
}

}  // namespace splitmx::admin
