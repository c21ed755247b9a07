#pragma once

#include <cstdint>

#include "router/provider_stats.hpp"

// Last, as everywhere: the server's headers.
#include "pg/pg.hpp"

namespace byok::pg {

constexpr int kMostProviders = 32;

/// What a router shows of itself, in a segment of shared memory of its own. Written by the router
/// alone, read by anybody without a lock: a reader may see one turn half done. Times are the
/// server's.
struct RouterFigures {
  TimestampTz started_at;
  std::int64_t generation;
  std::uint64_t requests;     ///< accepted since the start
  std::uint64_t commits;      ///< transactions that wrote intents or bills
  std::uint32_t in_flight;    ///< requests under way
  std::uint32_t calls;        ///< HTTP exchanges under way
  std::uint32_t callers;      ///< open channels
  std::uint32_t connections;  ///< to providers, idle ones included
  std::uint32_t unsettled;    ///< commits that failed and are tried again
  std::uint32_t queue_full;   ///< 1: submitted requests wait for a place
  std::uint32_t provider_count;
  ProviderStats providers[kMostProviders];
};

/// The router's: makes the segment; it lives as long as the process.
RouterFigures* MakeFigures(dsm_handle* handle);
/// Copies the figures of this database's router; false when none runs.
bool ReadFigures(RouterFigures* figures, int* pid);

}  // namespace byok::pg
