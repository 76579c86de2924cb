// The log, and all who are told what is written there: who watches, figures for monitoring, the
// history, the file of decisions. What is not configured is not there.
// Threads: one; the log itself takes lines from any. Ownership: outlives all who write; `live`
// outlives it. Errors: what cannot be opened says why, and nothing is half open.
#pragma once

#include "config/config.hpp"
#include "observe/log.hpp"
#include "observe/tally.hpp"
#include "relay/decision_log.hpp"
#include "relay/history_feed.hpp"
#include "relay/live_feed.hpp"
#include "relay/log_place.hpp"
#include "relay/unfound_keeper.hpp"
#include "relay/unfound_x500.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <memory>
#include <string>

#include "history/recorder.hpp"

namespace splitmx::relay {

class Records {
public:
    static mail::Result<std::unique_ptr<Records>> open(
        config::Config const& config, LogPlace place, LiveFeed& live
    );
    // Behind the spool: whoever has that has the history beside it, too.
    mail::Result<void> open_history(config::Config const& config);
    // Before anything is decided. `main` and `disk` outlive stop(), which wants `disk` joined.
    void keep_unfound_x500(
        boost::asio::io_context& main,
        boost::asio::thread_pool& disk,
        std::filesystem::path const& state_dir
    );
    void stop();

    observe::Log& log() { return *log_; }
    UnfoundX500& unfound_x500() { return unfound_x500_; }
    observe::Tally* tally() { return tally_.get(); }  // null: nobody asks for the figures

    // Each decision is kept with the hash of the configuration that made it.
    void set_config(std::string const& hash);
    // As logrotate asks for it, when it has renamed the files. What fails is in the log.
    void reopen();

private:
    Records() = default;
    mail::Result<void> open_decisions(config::Config const& config);

    UnfoundX500 unfound_x500_;
    std::unique_ptr<observe::Tally> tally_;
    std::unique_ptr<observe::Log> log_;
    std::unique_ptr<history::Recorder> recorder_;
    std::unique_ptr<HistoryFeed> history_feed_;
    std::unique_ptr<DecisionLog> decision_log_;
    std::unique_ptr<UnfoundKeeper> unfound_keeper_;
};

}  // namespace splitmx::relay
