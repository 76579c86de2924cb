#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace splitmx::mail {

namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

using std::chrono::sys_seconds;

struct Utc {
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

Utc to_utc(sys_seconds second) {
    auto const day = std::chrono::floor<std::chrono::days>(second);
    std::chrono::year_month_day const date(day);
    return {
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        std::chrono::weekday(day).c_encoding(),
        std::chrono::hh_mm_ss(second - day)};
}

void put(char* at, std::size_t digits, std::uint64_t number) {
    for (std::size_t i = digits; i-- > 0; number /= 10) {
        at[i] = static_cast<char>('0' + number % 10);
    }
}

void put_time(char* at, Utc const& utc) {
    put(at, 2, static_cast<std::uint64_t>(utc.time.hours().count()));
    put(at + 3, 2, static_cast<std::uint64_t>(utc.time.minutes().count()));
    put(at + 6, 2, static_cast<std::uint64_t>(utc.time.seconds().count()));
}

std::string date_time_of(sys_seconds second) {
    auto const utc = to_utc(second);
    std::string text(weekdays[utc.weekday]);
    text += ", ";
    text += std::to_string(utc.day);
    text += ' ';
    text += months[utc.month - 1];
    auto const rest = text.size();
    text += " 0000 00:00:00 +0000";
    put(&text[rest + 1], 4, static_cast<std::uint64_t>(utc.year));
    put_time(&text[rest + 6], utc);
    return text;
}

constexpr std::size_t milliseconds_at = 20;

std::string timestamp_of(sys_seconds second) {
    auto const utc = to_utc(second);
    std::string text = "0000-00-00T00:00:00.000Z";
    put(&text[0], 4, static_cast<std::uint64_t>(utc.year));
    put(&text[5], 2, utc.month);
    put(&text[8], 2, utc.day);
    put_time(&text[11], utc);
    return text;
}

// Both forms are made for each message, several times, and thousands of times within one second:
// each thread keeps the last one.
template <std::string (*make)(sys_seconds)>
std::string_view kept(sys_seconds second) {
    struct Last {
        sys_seconds second = sys_seconds::min();
        std::array<char, 32> text{};
        std::size_t size = 0;
    };
    thread_local constinit Last last;
    if (last.second != second) {
        auto const text = make(second);
        last.size = text.copy(last.text.data(), last.text.size());
        last.second = second;
    }
    return {last.text.data(), last.size};
}

sys_seconds second_of(Instant instant) { return std::chrono::floor<std::chrono::seconds>(instant); }

}  // namespace

std::string to_date_time(Instant instant) {
    return std::string(kept<date_time_of>(second_of(instant)));
}

Timestamp timestamp(Instant instant) {
    using std::chrono::duration_cast, std::chrono::milliseconds;
    auto const second = second_of(instant);
    Timestamp text{};
    kept<timestamp_of>(second).copy(text.data(), text.size());
    auto const past = duration_cast<milliseconds>(instant - second).count();
    put(&text[milliseconds_at], 3, static_cast<std::uint64_t>(past));
    return text;
}

std::string to_timestamp(Instant instant) {
    auto const text = timestamp(instant);
    return {text.begin(), text.end()};
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

std::string to_short_words(Duration duration) {
    using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::days;
    auto const span = std::max(duration, Duration());
    if (span < minutes(2)) return fmt::format("{} s", span / seconds(1));
    if (span < hours(2)) return fmt::format("{} min", span / minutes(1));
    if (span < days(2)) return fmt::format("{} h", span / hours(1));
    return fmt::format("{} d", span / days(1));
}

}  // namespace splitmx::mail
