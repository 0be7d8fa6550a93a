// A progressive JPEG (ITU T.81, annex G): all scans that are needed of it, and then samples of their coefficients.

import { fillPlane, makeGrid } from './coefficients'
import {
  ACROSS,
  GRID,
  GRID_ACROSS,
  GRID_DOWN,
  GRIDS,
  SCAN,
  SCAN_COMPONENTS,
  SCAN_COUNT,
  SCAN_DATA,
  SCAN_INTERVAL,
  SCAN_WIDTH,
  SCANS,
  UNITS,
} from './memory-layout'
import { readScanTables } from './entropy-progressive'
import { readUnits } from './mcu'

/** Fills all planes; false where that is left to others. */
export function readProgressive(): bool {
  for (let i: usize = 0; i < 3; i++) {
    if (!makeGrid(i, load<u32>(UNITS))) return false
  }
  const first = <usize>load<u32>(SCANS)
  for (let i: usize = 0; i < <usize>load<u32>(SCAN_COUNT); i++) {
    if (!readScan(first + i * SCAN)) return false
  }
  for (let i: usize = 0; i < 3; i++) {
    if (!fillPlane(i)) return false
  }
  return true
}

function readScan(scan: usize): bool {
  const isAlone = load<u8>(scan + SCAN_WIDTH) == 1
  const grid = GRIDS + <usize>load<u8>(scan + SCAN_COMPONENTS) * GRID
  // Of a single component an MCU is a block, and those beyond the picture aren't there (A.2.2).
  const across = isAlone ? load<u32>(grid + GRID_ACROSS) : load<u32>(ACROSS)
  const units = isAlone ? across * load<u32>(grid + GRID_DOWN) : load<u32>(UNITS)
  if (!readScanTables(scan)) return false
  return readUnits(load<u32>(scan + SCAN_DATA), units, across, load<u32>(scan + SCAN_INTERVAL), scan)
}
