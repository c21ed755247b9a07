#pragma once

#include <optional>
#include <vector>

#include "http/message.hpp"

namespace byok::http {

/// The one port of the core to the network. Unit tests answer behind it without sockets.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Begins a transfer. Whatever goes wrong, a refused URL included, comes out of TakeCompleted.
  virtual TransferId Start(Request request, TimePoint now) = 0;
  /// Drops a transfer; nothing is reported for it any more. Unknown ids are ignored.
  virtual void Cancel(TransferId id) = 0;
  /// The transfers that ended since the last call, each exactly once.
  virtual std::vector<Completion> TakeCompleted() = 0;
};

}  // namespace byok::http
