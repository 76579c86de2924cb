#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace splitmx::mail {

namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Utc {
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
    std::chrono::hh_mm_ss<std::chrono::milliseconds> time;
};

Utc to_utc(Instant instant) {
    auto const day = std::chrono::floor<std::chrono::days>(instant);
    std::chrono::year_month_day const date(day);
    auto const since = std::chrono::floor<std::chrono::milliseconds>(instant - day);
    return {
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        std::chrono::weekday(day).c_encoding(),
        std::chrono::hh_mm_ss(since)};
}

}  // namespace

std::string to_date_time(Instant instant) {
    auto const utc = to_utc(instant);
    return fmt::format(
        "{}, {} {} {:04} {:02}:{:02}:{:02} +0000",
        weekdays[utc.weekday],
        utc.day,
        months[utc.month - 1],
        utc.year,
        utc.time.hours().count(),
        utc.time.minutes().count(),
        utc.time.seconds().count()
    );
}

std::string to_timestamp(Instant instant) {
    auto const utc = to_utc(instant);
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        utc.year,
        utc.month,
        utc.day,
        utc.time.hours().count(),
        utc.time.minutes().count(),
        utc.time.seconds().count(),
        utc.time.subseconds().count()
    );
}

std::string to_words(Duration duration) {
    using std::chrono::hours, std::chrono::minutes, std::chrono::days, std::chrono::duration_cast;
    if (duration >= days(2)) return fmt::format("{} days", duration_cast<days>(duration).count());
    if (duration >= hours(2))
        return fmt::format("{} hours", duration_cast<hours>(duration).count());
    auto const count = duration_cast<minutes>(duration).count();
    if (count < 1) return "less than a minute";
    return fmt::format("{} minute{}", count, count == 1 ? "" : "s");
}

}  // namespace splitmx::mail
