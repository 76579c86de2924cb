// Every limit and time limit of the SMTP sessions, in one place. Sizes are octets, CRLF included.
// What an administrator may change stands in ServerSettings; these are its defaults and what RFC
// 5321 asks of everybody. Threads: constants. Source: RFC 5321 4.5.3.1 (sizes), 4.5.3.2 (time).
#pragma once

#include "mail/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace splitmx::smtp {

// At least the 512 of RFC 5321 4.5.3.1.4; the parameters of extensions lengthen MAIL and RCPT (RFC
// 1870 3: 26, RFC 6152 2: 17, RFC 3461 4: ORCPT with 500 and ENVID with 100, RFC 6531 3.1: 10).
inline constexpr std::size_t max_command_line = 1024;
inline constexpr std::size_t max_envelope_line = 2048;
inline constexpr std::size_t max_reply_line = 512;  // RFC 5321 4.5.3.1.5, what we send

// What we bear from a peer, so that its replies never fill our memory.
inline constexpr std::size_t max_peer_reply_line = 2048;
inline constexpr std::size_t max_peer_reply_lines = 100;

inline constexpr std::size_t body_chunk = 64 * 1024;  // content handed on at once
inline constexpr std::size_t idle_buffer = 4096;      // a session that waits keeps no more

inline constexpr std::uint64_t default_max_message = 50ULL * 1024 * 1024;  // RFC 5321 4.5.3.1.7
inline constexpr std::size_t default_max_recipients = 1000;  // RFC 5321 4.5.3.1.8: at least 100
inline constexpr unsigned default_max_errors = 10;           // RFC 5321 4.3.2, 7.8
inline constexpr unsigned max_failed_logins = 3;             // the last one is answered 421
inline constexpr unsigned default_unknown_free = 3;
inline constexpr unsigned default_unknown_limit = 20;
// The wait for each unknown recipient beyond, and all waits for one group of recipients.
inline constexpr mail::Duration unknown_delay_step = std::chrono::seconds(2);
inline constexpr mail::Duration longest_unknown_delay = std::chrono::seconds(10);
inline constexpr mail::Duration longest_delay = std::chrono::seconds(60);
inline constexpr std::size_t default_max_messages = 10'000;  // in one session

// As a server.
inline constexpr mail::Duration default_command_timeout = std::chrono::minutes(5);  // 4.5.3.2.7
inline constexpr mail::Duration default_data_timeout = std::chrono::minutes(3);     // 4.5.3.2.5

// Who is refused at the greeting may say QUIT (RFC 5321 3.1): so long, and in so many lines.
inline constexpr mail::Duration turned_away_time = std::chrono::seconds(10);
inline constexpr unsigned turned_away_commands = 5;

// Somebody waits for the answer to a line that ends in LF alone, and will wait for ever.
inline constexpr mail::Duration bare_line_feed_timeout = std::chrono::seconds(3);

// As a client.
inline constexpr mail::Duration greeting_timeout = std::chrono::minutes(5);      // 4.5.3.2.1
inline constexpr mail::Duration command_timeout = std::chrono::minutes(5);       // EHLO, RSET
inline constexpr mail::Duration mail_timeout = std::chrono::minutes(5);          // 4.5.3.2.2
inline constexpr mail::Duration rcpt_timeout = std::chrono::minutes(5);          // 4.5.3.2.3
inline constexpr mail::Duration data_timeout = std::chrono::minutes(2);          // 4.5.3.2.4
inline constexpr mail::Duration block_timeout = std::chrono::minutes(3);         // 4.5.3.2.5
inline constexpr mail::Duration end_of_data_timeout = std::chrono::minutes(10);  // 4.5.3.2.6
inline constexpr mail::Duration quit_timeout = std::chrono::seconds(5);  // nothing depends on it

}  // namespace splitmx::smtp
