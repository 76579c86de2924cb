// The codes of sysexits.h that a failure on the control socket carries: the tool ends with them
// (admin/exit_code.hpp has them all).
#pragma once

namespace splitmx::relay::desk {

inline constexpr int exit_usage = 64;
inline constexpr int exit_data = 65;
inline constexpr int exit_unknown_host = 68;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_io = 74;
inline constexpr int exit_busy = 75;
inline constexpr int exit_not_permitted = 77;
inline constexpr int exit_configuration = 78;

}  // namespace splitmx::relay::desk
