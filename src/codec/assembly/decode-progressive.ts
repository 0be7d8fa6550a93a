// Decodes a progressive JPEG (ITU T.81, annex G): the scans of the request first, then samples from their coefficients.

import { allocateCoefficientPlane, reconstructPlane } from './coefficients'
import {
  COEF_HEIGHT_IN_BLOCKS,
  COEF_WIDTH_IN_BLOCKS,
  COEFFICIENT_PLANE_SIZE,
  COEFFICIENT_PLANES,
  COMPONENT_COUNT,
  MCU_COUNT,
  MCUS_PER_ROW,
  SCAN_COMPONENT_COUNT,
  SCAN_COMPONENTS,
  SCAN_COUNT,
  SCAN_DATA,
  SCAN_RESTART_INTERVAL,
  SCAN_SIZE,
  SCANS,
} from './memory-layout'
import { buildScanTables } from './entropy-progressive'
import { decodeMcus } from './mcu'

/** Fills all planes. Returns false if the file is damaged or needs too much memory. */
export function decodeProgressive(): bool {
  const components = <usize>load<u32>(COMPONENT_COUNT)
  for (let i: usize = 0; i < components; i++) {
    if (!allocateCoefficientPlane(i, load<u32>(MCU_COUNT))) return false
  }
  const first = <usize>load<u32>(SCANS)
  for (let i: usize = 0; i < <usize>load<u32>(SCAN_COUNT); i++) {
    if (!decodeScan(first + i * SCAN_SIZE)) return false
  }
  for (let i: usize = 0; i < components; i++) {
    if (!reconstructPlane(i)) return false
  }
  return true
}

function decodeScan(scan: usize): bool {
  const isNonInterleaved = load<u8>(scan + SCAN_COMPONENT_COUNT) == 1
  const coefficientPlane = COEFFICIENT_PLANES + <usize>load<u8>(scan + SCAN_COMPONENTS) * COEFFICIENT_PLANE_SIZE
  // In a scan of one component an MCU is one block, and there are no padding blocks (A.2.2).
  const mcusPerRow = isNonInterleaved ? load<u32>(coefficientPlane + COEF_WIDTH_IN_BLOCKS) : load<u32>(MCUS_PER_ROW)
  const mcus = isNonInterleaved ? mcusPerRow * load<u32>(coefficientPlane + COEF_HEIGHT_IN_BLOCKS) : load<u32>(MCU_COUNT)
  if (!buildScanTables(scan)) return false
  return decodeMcus(load<u32>(scan + SCAN_DATA), mcus, mcusPerRow, load<u32>(scan + SCAN_RESTART_INTERVAL), scan)
}
