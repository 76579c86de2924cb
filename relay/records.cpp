#include "relay/records.hpp"

#include "relay/log_level.hpp"
#include "relay/settings.hpp"

#include <utility>

namespace splitmx::relay {

mail::Result<std::unique_ptr<Records>> Records::open(
    config::Config const& config, LogPlace place, LiveFeed& live
) {
    observe::LogSettings settings;
    settings.level = log_level(config.log.level);
    settings.stays_there = place == LogPlace::standard_error;
    if (!settings.stays_there) settings.file = config.log.file;
    settings.style = log_style(config);
    auto log = observe::Log::open(std::move(settings));
    if (!log) return log.error();
    std::unique_ptr<Records> records(new Records);
    records->log_ = std::move(log.value());
    records->log_->add(live);
    records->log_->add(records->unfound_x500_);
    if (auto const done = records->open_decisions(config); !done) return done.error();
    if (config.admin.http) {
        records->tally_ = std::make_unique<observe::Tally>();
        records->log_->add(*records->tally_);
    }
    return records;
}

mail::Result<void> Records::open_decisions(config::Config const& config) {
    if (!config.log.decisions) return {};
    auto opened = DecisionLog::open(*config.log.decisions);
    if (!opened) return mail::Error{"[log] decisions: " + opened.error().what, 0};
    decision_log_ = std::move(*opened);
    log_->add(*decision_log_);
    return {};
}

mail::Result<void> Records::open_history(config::Config const& config) {
    if (!config.history.keep) return {};
    history::Recorder::Settings settings;
    settings.file = config.history.file;
    settings.keep = *config.history.keep;
    settings.on_trouble = [&log = *log_](std::string const& what) { log.error("history", what); };
    auto opened = history::Recorder::open(std::move(settings));
    if (!opened) return mail::Error{"the history cannot be kept: " + opened.error().what, 0};
    recorder_ = std::move(*opened);
    history_feed_ = std::make_unique<HistoryFeed>(*recorder_, config.history.full_addresses);
    log_->add(*history_feed_);
    return {};
}

void Records::keep_unfound_x500(
    boost::asio::io_context& main,
    boost::asio::thread_pool& disk,
    std::filesystem::path const& state_dir
) {
    unfound_keeper_ = std::make_unique<UnfoundKeeper>(
        main, disk, *log_, unfound_x500_, state_dir / "unfound-x500"
    );
    unfound_keeper_->start();
}

void Records::stop() {
    if (unfound_keeper_) unfound_keeper_->stop();
    unfound_keeper_.reset();
}

void Records::set_config(std::string const& hash) {
    if (history_feed_) history_feed_->set_config(hash);
    if (decision_log_) decision_log_->set_config(hash);
}

void Records::reopen() {
    if (auto const done = log_->reopen(); !done) log_->error("log", done.error().what);
    auto const done = decision_log_ ? decision_log_->reopen() : mail::Result<void>();
    if (!done) log_->error("log", done.error().what);
}

}  // namespace splitmx::relay
