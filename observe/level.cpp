#include "observe/level.hpp"

#include <array>

namespace splitmx::observe {

namespace {

struct LevelOf {
    Level operator()(ClientConnected const&) const { return Level::debug; }
    Level operator()(TlsStarted const&) const { return Level::debug; }
    Level operator()(LoginChecked const& e) const {
        return e.result == LoginResult::right ? Level::info : Level::warn;
    }
    Level operator()(SessionEnded const&) const { return Level::debug; }
    Level operator()(AmbiguousAddress const&) const { return Level::warn; }
    Level operator()(ConfigRejected const&) const { return Level::error; }
    Level operator()(SpoolTrouble const&) const { return Level::error; }
    Level operator()(MessageSetAside const&) const { return Level::error; }
    Level operator()(DirectoryChanged const& e) const {
        return e.state == DirectoryState::up ? Level::info : Level::warn;
    }
    Level operator()(DirectoryNote const& e) const { return e.alarm ? Level::warn : Level::info; }
    Level operator()(HostConditionChanged const& e) const {
        return e.event == HostEvent::down ? Level::warn : Level::info;
    }
    Level operator()(auto const&) const { return Level::info; }
};

constexpr std::array<std::string_view, 4> level_texts{"debug", "info", "warn", "error"};

}  // namespace

std::string_view to_text(Level level) { return level_texts[static_cast<std::size_t>(level)]; }

Level level_of(Event const& event) { return std::visit(LevelOf{}, event); }

}  // namespace splitmx::observe
