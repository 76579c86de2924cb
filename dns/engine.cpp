#include "dns/engine.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>
#include <unbound.h>

#include <array>
#include <unordered_map>
#include <utility>

namespace splitmx::dns {

namespace {

constexpr int class_in = 1;
constexpr char const* root_key = "/usr/share/dns/root.key";  // package dns-root-data

struct ContextDeleter {
    void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, ContextDeleter>;

struct ResultDeleter {
    void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using UnboundResult = std::unique_ptr<ub_result, ResultDeleter>;

struct Option {
    char const* name;
    char const* value;
};

// The servers asked are the administrator's: they may be on this machine and may know the addresses
// and names of a company. A server that was away is asked again soon.
constexpr std::array options{
    Option{"use-syslog:", "no"},
    Option{"do-not-query-localhost:", "no"},
    Option{"unblock-lan-zones:", "yes"},
    Option{"insecure-lan-zones:", "yes"},
    Option{"infra-host-ttl:", "30"},
    Option{"infra-keep-probing:", "yes"},
    Option{"cache-max-ttl:", "3600"},
    Option{"cache-max-negative-ttl:", "300"},
};

mail::Error failed(std::string what, int code) {
    return mail::Error{"DNS: " + std::move(what) + ": " + ub_strerror(code), 0};
}

int set_servers(ub_ctx* context, std::vector<std::string> const& servers) {
    if (servers.empty()) {
        // resolv.conf(5): without a file or a name server in it, the one on this machine.
        if (ub_ctx_resolvconf(context, resolv_conf) == 0) return 0;
        return ub_ctx_set_fwd(context, "127.0.0.1");
    }
    for (auto const& server : servers) {
        if (int const code = ub_ctx_set_fwd(context, server.c_str()); code != 0) return code;
    }
    return 0;
}

mail::Result<Context> make_context(std::vector<std::string> const& servers, bool dnssec) {
    Context context(ub_ctx_create());
    if (!context) return mail::Error{"DNS: no memory for the library", 0};
    ub_ctx* const raw = context.get();
    char const* const modules = dnssec ? "validator iterator" : "iterator";
    if (int const code = ub_ctx_set_option(raw, "module-config:", modules); code != 0) {
        return failed("module-config", code);
    }
    for (auto const& option : options) {
        int const code = ub_ctx_set_option(raw, option.name, option.value);
        if (code != 0) return failed(option.name, code);
    }
    if (int const code = set_servers(raw, servers); code != 0) return failed("servers", code);
    if (dnssec) {
        if (int const code = ub_ctx_add_ta_file(raw, root_key); code != 0) {
            return mail::Error{
                fmt::format(
                    "[dns] dnssec = true needs the root's key in {} (package dns-root-data): {}",
                    root_key,
                    ub_strerror(code)
                ),
                0};
        }
    }
    if (int const code = ub_ctx_async(raw, 1); code != 0) return failed("thread", code);
    // RFC 6761 6.2 leaves "test" to private servers; the library would deny it.
    if (int const code = ub_ctx_zone_remove(raw, "test."); code != 0) return failed("zones", code);
    return context;
}

// RFC 1035 4.1.1.
std::string rcode_text(int rcode) {
    constexpr std::array names{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    auto const place = static_cast<std::size_t>(rcode);
    if (place < names.size()) return names[place];
    return "RCODE " + std::to_string(rcode);
}

Records records_of(int error, ub_result const* result) {
    if (error != 0 || result == nullptr) return Records::failure(ub_strerror(error));
    if (result->bogus != 0) {
        std::string const why =
            result->why_bogus != nullptr ? result->why_bogus : "no reason given";
        return Records::failure("DNSSEC validation failed: " + why);
    }
    Records records;
    records.ttl = std::chrono::seconds(result->ttl);
    if (result->havedata != 0) {
        records.outcome = Records::Outcome::found;
        for (int i = 0; result->data[i] != nullptr; ++i) {
            records.data.emplace_back(result->data[i], static_cast<std::size_t>(result->len[i]));
        }
    } else if (result->nxdomain != 0) {
        records.outcome = Records::Outcome::no_such_name;
    } else if (result->rcode == 0) {
        records.outcome = Records::Outcome::no_data;
    } else {
        return Records::failure(rcode_text(result->rcode));
    }
    return records;
}

}  // namespace

class Engine::Core : public std::enable_shared_from_this<Core> {
public:
    Core(Executor loop, Context context)
        : loop_(std::move(loop)),
          context_(std::move(context)),
          ready_(loop_, ub_fd(context_.get())) {}
    // The descriptor is the library's.
    ~Core() { ready_.release(); }

    void wait_for_answers();
    void ask(Question const& question, mail::Duration timeout, Answer answer);
    bool is_idle() const { return queries_.empty(); }

private:
    struct Query {
        Query(Core& its_core, Answer its_answer)
            : core(its_core), answer(std::move(its_answer)), timer(its_core.loop_) {}

        Core& core;
        Answer answer;  // empty when given up
        asio::steady_timer timer;
        int id = 0;
    };

    static void on_answer(void* query, int error, ub_result* result);
    void give_up(Query* query);
    void finish(Query* query, Records records);

    Executor loop_;
    Context context_;
    asio::posix::stream_descriptor ready_;
    std::unordered_map<Query*, std::unique_ptr<Query>> queries_;
};

void Engine::Core::wait_for_answers() {
    ready_.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [weak = weak_from_this()](ErrorCode error) {
            auto const self = weak.lock();
            if (error || !self) return;
            ub_process(self->context_.get());
            self->wait_for_answers();
        }
    );
}

void Engine::Core::ask(Question const& question, mail::Duration timeout, Answer answer) {
    auto owned = std::make_unique<Query>(*this, std::move(answer));
    Query* const query = owned.get();
    queries_.emplace(query, std::move(owned));
    int const code = ub_resolve_async(
        context_.get(),
        question.name.c_str(),
        static_cast<int>(question.type),
        class_in,
        query,
        &Core::on_answer,
        &query->id
    );
    if (code != 0) return finish(query, Records::failure(ub_strerror(code)));
    query->timer.expires_after(timeout);
    query->timer.async_wait([weak = weak_from_this(), query, id = query->id](ErrorCode error) {
        auto const self = weak.lock();
        if (error || !self) return;
        // It may have been answered while its timer was due, and another one be in its place.
        auto const known = self->queries_.find(query);
        if (known != self->queries_.end() && query->id == id) self->give_up(query);
    });
}

void Engine::Core::on_answer(void* data, int error, ub_result* result) {
    UnboundResult const owned(result);
    auto* const query = static_cast<Query*>(data);
    query->core.finish(query, records_of(error, result));
}

void Engine::Core::give_up(Query* query) {
    auto const answer = std::exchange(query->answer, nullptr);
    // Where the library can no longer cancel, its answer is on the way and needs the query still.
    if (ub_cancel(context_.get(), query->id) == 0) queries_.erase(query);
    if (answer) answer(Records::failure("no answer in time"));
}

void Engine::Core::finish(Query* query, Records records) {
    auto const answer = std::exchange(query->answer, nullptr);
    queries_.erase(query);
    if (answer) answer(std::move(records));
}

mail::Result<Engine> Engine::create(
    Executor loop, std::vector<std::string> const& servers, bool dnssec
) {
    auto context = make_context(servers, dnssec);
    if (!context) return context.error();
    auto core = std::make_shared<Core>(std::move(loop), std::move(*context));
    core->wait_for_answers();
    return Engine(std::move(core));
}

void Engine::ask(Question const& question, mail::Duration timeout, Answer answer) {
    core_->ask(question, timeout, std::move(answer));
}

bool Engine::is_idle() const { return core_->is_idle(); }

}  // namespace splitmx::dns
