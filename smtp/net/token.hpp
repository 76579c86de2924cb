// The one completion token: an operation in a coroutine gives (error_code, value...) and never
// throws. A later Asio changes only this file. In a co_await expression stand no braces, no
// conditional temporaries and no capturing lambdas: g++ 12 destroys such temporaries twice.
// Threads: types only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cerrno>

namespace splitmx::smtp::net {

namespace asio = boost::asio;

using Executor = asio::any_io_executor;
template <class T = void>
using awaitable = asio::awaitable<T>;
using ErrorCode = boost::system::error_code;

inline ErrorCode last_error() { return ErrorCode(errno, boost::system::system_category()); }

// A value or the error of the operating system.
template <class T>
using IoResult = boost::system::result<T, ErrorCode>;

inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> token{};

}  // namespace splitmx::smtp::net
