#include "pg/router_figures.hpp"

#include "pg/pg.hpp"
#include "pg/router_directory.hpp"

namespace byok::pg {

RouterFigures* MakeFigures(dsm_handle* handle) {
  dsm_segment* segment = dsm_create(sizeof(RouterFigures), 0);
  dsm_pin_mapping(segment);
  *handle = dsm_segment_handle(segment);
  auto* figures = static_cast<RouterFigures*>(dsm_segment_address(segment));
  memset(static_cast<void*>(figures), 0, sizeof(RouterFigures));
  figures->started_at = GetCurrentTimestamp();
  return figures;
}

bool ReadFigures(RouterFigures* figures, int* pid) {
  RouterAddress address;
  if (!FindRouter(&address)) return false;
  *pid = RouterPid(address);
  const dsm_handle handle = FiguresOf(address);
  dsm_segment* segment = handle == DSM_HANDLE_INVALID ? nullptr : dsm_attach(handle);
  if (segment == nullptr) return false;  // it left in between
  memcpy(static_cast<void*>(figures), dsm_segment_address(segment), sizeof(RouterFigures));
  dsm_detach(segment);
  return true;
}

}  // namespace byok::pg
