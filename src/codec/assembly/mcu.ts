// Decodes the MCUs of a scan, one restart interval after the other (ITU T.81, E.2).

import { decodeMcuRow } from './mcu-row'
import { BIT_STREAM, DC_PREDICTORS } from './memory-layout'
import { alignToByte, BitReader, resetBitReader, unstuffScan } from './bit-reader'
import { decodeScanRow, EobRun } from './entropy-progressive'
import { allocate } from './allocator'

/**
 * Decodes `mcus` MCUs from the data at an address. `scan` is the address of a progressive file's scan, 0 for a baseline file.
 * Returns false if the data is damaged.
 */
export function decodeMcus(data: usize, mcus: u32, mcusPerRow: u32, restartInterval: u32, scan: usize): bool {
  const restarts = restartInterval == 0 ? 0 : (mcus - 1) / restartInterval
  const restartOffsets = allocate(restarts << 2)
  const marker = unstuffScan(data, restartOffsets, restarts)
  // A baseline file ends after its one scan.
  if (marker == 0 || (scan == 0 && marker != 0xd9)) return false
  let remaining = restartInterval
  let restartOffset = restartOffsets
  resetBitReader()
  restart()
  for (let mcu: u32 = 0; mcu < mcus; ) {
    // A call for each row: V8 switches to optimized code only at calls.
    const count = min(mcusPerRow - (mcu % mcusPerRow), restartInterval == 0 ? mcusPerRow : remaining)
    const isRead = scan == 0 ? decodeMcuRow(mcu, count) : decodeScanRow(scan, mcu, count, mcusPerRow)
    if (!isRead || BitReader.next > BitReader.end + 8) return false
    mcu += count
    remaining -= count
    if (restartInterval == 0 || remaining > 0 || mcu == mcus) continue
    if (EobRun.remaining > 0 || !alignToByte() || BitReader.next != BIT_STREAM + load<u32>(restartOffset)) return false
    restart()
    restartOffset += 4
    remaining = restartInterval
  }
  return EobRun.remaining == 0 && alignToByte() && BitReader.next == BitReader.end
}

/** Resets the entropy decoder (libjpeg's `process_restart`). */
function restart(): void {
  memory.fill(DC_PREDICTORS, 0, 12)
  EobRun.remaining = 0
}
