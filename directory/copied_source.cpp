#include "directory/copied_source.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::directory {

namespace {

copy::CopyClock real_clock() {
    return {
        [] { return std::chrono::steady_clock::now(); },
        [] { return std::chrono::system_clock::now(); }};
}

State state_of(copy::Stage stage) {
    switch (stage) {
        case copy::Stage::empty:
            return State::empty;
        case copy::Stage::loading:
            return State::loading;
        case copy::Stage::stale:
            return State::stale;
        case copy::Stage::live:
            return State::live;
        case copy::Stage::direct:
            break;
    }
    return State::direct;
}

// From the disk, before anybody asks.
void load_snapshot(
    copy::Copy& copy,
    std::string const& path,
    copy::Snapshot::Source const& made_from,
    SnapshotKeeper::Tell const& tell
) {
    copy::PosixFiles files;
    auto const result = copy::Snapshot(files, path, made_from).load(copy);
    if (!tell) return;
    if (auto const* refused = std::get_if<copy::Snapshot::Refused>(&result)) {
        tell({true, "the snapshot is not used, everything is read anew: " + refused->why});
    } else if (std::holds_alternative<copy::Snapshot::Loaded>(result)) {
        auto const age = std::chrono::duration_cast<std::chrono::seconds>(copy.standing().age);
        tell(
            {false,
             fmt::format(
                 "{} recipients from {}, right {} s ago",
                 copy.health().counts.recipients(),
                 path,
                 age.count()
             )}
        );
    }
}

}  // namespace

CopiedSource::CopiedSource(Settings settings, copy::CopyObserver observer)
    : copy_(
          std::move(settings.copy),
          [&] {
              auto all = observer;
              all.settled = [this] {
                  if (keeper_) keeper_->soon();
              };
              return all;
          }(),
          real_clock()
      ),
      pool_(std::move(settings.pool)),
      live_(
          std::move(settings.live),
          [this](ldap::SearchRequest request, std::function<void(ldap::SearchResult)> done) {
              pool_.search(std::move(request), std::move(done));
          },
          // An address of several owners is told by the copy when it comes to be.
          LiveObserver{}
      ) {
    if (!settings.snapshot.empty()) {
        load_snapshot(copy_, settings.snapshot, settings.made_from, observer.note);
        keeper_ = std::make_unique<SnapshotKeeper>(
            copy_, std::move(settings.snapshot), std::move(settings.made_from), observer.note
        );
    }
    client_.emplace(std::move(settings.sync), copy_);
}

// The client first, so that nothing changes while the last snapshot is written.
CopiedSource::~CopiedSource() {
    client_.reset();
    keeper_.reset();
    pool_.stop();
}

resolver::Answer CopiedSource::find(resolver::LookupKey const& key) const {
    auto answer = copy_.find(key);
    if (!std::holds_alternative<resolver::NotAsked>(answer)) return answer;
    answer = live_.find(key);
    // It has to be asked for, to hear why not.
    bool const counts =
        !std::holds_alternative<resolver::None>(answer) || copy_.doubt_about_server().empty();
    return counts ? answer : resolver::NotAsked{};
}

void CopiedSource::ask(std::vector<resolver::LookupKey> keys, std::function<void(Answers)> done) {
    auto asked = keys;
    live_.ask(
        std::move(asked),
        [this, keys = std::move(keys), done = std::move(done)](Answers answers) {
            done(with_what_the_copy_has(keys, std::move(answers)));
        }
    );
}

// Where the server did not tell, the copy may know by now; else it says how things stand. Where the
// server does not know enough to say "nobody", that is no answer.
Answers CopiedSource::with_what_the_copy_has(
    std::vector<resolver::LookupKey> const& keys, Answers&& answers
) const {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (std::holds_alternative<resolver::None>(answers[i])) {
            auto doubt = copy_.doubt_about_server();
            if (!doubt.empty()) answers[i] = resolver::Unavailable{std::move(doubt)};
        }
        auto* silent = std::get_if<resolver::Unavailable>(&answers[i]);
        if (silent == nullptr) continue;
        auto known = copy_.find(keys[i]);
        if (std::holds_alternative<resolver::NotAsked>(known)) known = copy_.last_found(keys[i]);
        if (!std::holds_alternative<resolver::NotAsked>(known)) {
            answers[i] = std::move(known);
            continue;
        }
        silent->copy_has_nobody = copy_.has_nobody(keys[i]);
        auto const now = copy_.standing();
        if (now.stage == copy::Stage::stale) {
            auto const age = std::chrono::duration_cast<std::chrono::seconds>(now.age);
            silent->why += fmt::format("; the copy is {} s old and does not tell", age.count());
        }
    }
    return std::move(answers);
}

bool CopiedSource::read_again() {
    copy_.want_everything();
    client_->restart();
    return true;
}

std::size_t CopiedSource::parts() const {
    auto const stage = copy_.standing().stage;
    bool const whole = stage == copy::Stage::live || stage == copy::Stage::stale;
    return whole ? copy::Index::parts : 0;
}

Health CopiedSource::health() const {
    auto copied = copy_.health();
    if (copied.standing.stage != copy::Stage::live && copied.standing.stage != copy::Stage::stale) {
        auto health = live_.health();
        health.state = state_of(copied.standing.stage);
        if (!copied.problems.empty()) health.detail = copied.problems.front();
        health.copy = std::move(copied);
        return health;
    }
    Health health{
        state_of(copied.standing.stage),
        std::chrono::duration<double>(copied.standing.age).count(),
        copied.problems.empty() ? std::string() : copied.problems.front()};
    health.copy = std::move(copied);
    return health;
}

}  // namespace splitmx::directory
