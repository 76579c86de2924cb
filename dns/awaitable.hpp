// How an operation of this room waits: as a coroutine on the asker's loop.
// Threads: types only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace splitmx::dns {

namespace asio = boost::asio;

using Executor = asio::any_io_executor;
template <class T>
using awaitable = asio::awaitable<T>;
using ErrorCode = boost::system::error_code;

}  // namespace splitmx::dns
