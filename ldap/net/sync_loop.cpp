#include "ldap/net/sync_loop.hpp"

#include "ldap/net/return_watch.hpp"
#include "ldap/sync_controls.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap::net {

namespace {

using sync::EndReason;
using sync::SessionEnds;
using Clock = Channel::Clock;

[[nodiscard]] bool is_about_cookie(EndReason reason) noexcept {
    return reason == EndReason::cookie_refused || reason == EndReason::cookie_newer;
}

}  // namespace

SyncLoop::SyncLoop(SyncSettings const& settings, sync::Consumer& consumer, Interrupt& interrupt)
    : settings_(settings),
      consumer_(consumer),
      interrupt_(interrupt),
      back_off_(settings.retry_min, settings.retry_max),
      return_pause_(settings.return_after) {}

void SyncLoop::run() {
    for (;;) {
        (void)interrupt_.take_restart();
        auto const began = Clock::now();
        auto const outcome = attempt(settings_.uris[server_]);
        judge_return(outcome, Clock::now() - began);
        auto const reply = consumer_.take({outcome.end});
        bool const stop = reply == sync::Reply::stop || outcome.end.reason == EndReason::stopped;
        if (stop || interrupt_.stop_requested()) return;
        go_on_after(outcome);
    }
}

SyncOutcome SyncLoop::attempt(std::string const& uri) {
    auto connecting = settings_.connect;
    connecting.uri = uri;
    sync::SessionOf const of{uri, connecting.bind_dn, settings_.base.text()};
    auto handle = connect(connecting, interrupt_.token());
    if (!handle) {
        auto const& why = handle.error();
        auto reason = sync::reason_of(why.code);
        // Neither is the end of a session: there was none.
        if (reason == EndReason::lost || reason == EndReason::silent) {
            reason = EndReason::not_connected;
        }
        return {{reason, uri, sync::with_advice(why.code, why.what, of)}, false, false};
    }
    Channel channel(std::move(*handle), interrupt_);
    auto facts = facts_of(channel);
    bool const known = facts.has_value();
    SyncTask const task{
        settings_, consumer_, channel, known ? std::move(*facts) : ServerFacts(), of};
    if (!known) return {end_of(task, facts.error()), false, false};
    if (server_ == 0) return follow(task);
    connecting.uri = settings_.uris.front();
    ReturnWatch const watch(std::move(connecting), return_pause_, interrupt_);
    auto outcome = follow(task);
    is_back_ = watch.is_back();
    return outcome;
}

Result<ServerFacts> SyncLoop::facts_of(Channel& channel) {
    SearchRequest request;
    request.scope = Scope::base;
    request.attributes = root_dse_attributes();
    auto const found = channel.ask(request, Clock::now() + settings_.answer_timeout);
    if (found) return found->empty() ? ServerFacts() : facts_from_root_dse(found->front());
    // One that may not be read tells nothing; whatever else is wrong is wrong for more than this.
    auto const code = found.error().code;
    if (code == Errc::insufficient_rights || code == Errc::no_such_base) return ServerFacts();
    return found.error();
}

Result<SyncMethod> SyncLoop::method_for(ServerFacts const& facts, std::string const& uri) {
    bool const polls = only_poll_.contains(uri);
    auto rest = facts;
    if (polls) std::erase(rest.controls, std::string(sync_request_oid));
    if (polls || is_global_catalogue(uri)) std::erase(rest.controls, std::string(dirsync_oid));
    return choose_method(settings_.choice, rest);
}

SyncOutcome SyncLoop::follow(SyncTask const& task) {
    auto const& uri = task.of.uri;
    auto const method = method_for(task.facts, uri);
    if (!method) return {end_of(task, method.error()), false, false};
    std::vector<sync::Event> events;
    auto protection = protection_of(task.channel.handle());
    events.emplace_back(sync::Connected{uri, task.facts, *method, std::move(protection)});
    if (auto end = hand_over(task, events)) return {std::move(*end), false, false};
    if (*method == SyncMethod::poll) return run_poll(task);
    std::optional<sync::Cookie> cookie;
    if (!without_cookie_) cookie = consumer_.start_cookie(uri, task.facts);
    if (cookie && !sync::is_plausible(*cookie, task.facts)) cookie.reset();
    bool const sent = cookie.has_value();
    auto outcome = *method == SyncMethod::dirsync ? run_dirsync(task, cookie)
                                                  : run_syncrepl(task, std::move(cookie));
    without_cookie_ = is_about_cookie(outcome.end.reason);
    at_once_ = without_cookie_ && sent;
    if (outcome.end.reason == EndReason::unsupported && settings_.choice == SyncChoice::automatic) {
        at_once_ = only_poll_.insert(uri).second;
    }
    return outcome;
}

void SyncLoop::judge_return(SyncOutcome const& outcome, Clock::duration lasted) {
    bool const unwanted = outcome.end.reason != EndReason::restarted &&
                          outcome.end.reason != EndReason::stopped && !at_once_;
    if (!returned_ || !unwanted) return;
    returned_ = false;
    return_pause_ = lasted < return_pause_ ? std::min(2 * return_pause_, settings_.return_max)
                                           : settings_.return_after;
}

void SyncLoop::go_on_after(SyncOutcome const& outcome) {
    if (std::exchange(is_back_, false)) {
        server_ = 0;
        returned_ = true;
    }
    if (outcome.end.reason == EndReason::restarted) return;
    // The same server: this time it is asked for something else.
    if (std::exchange(at_once_, false)) return;
    if (outcome.served) {
        back_off_.reset();
        server_ = 0;
        return;
    }
    if (++server_ < settings_.uris.size()) return;
    server_ = 0;
    interrupt_.wait_until(Clock::now() + back_off_.next());
}

}  // namespace splitmx::ldap::net
