// All MCUs of a scan, from one restart marker to the next (ITU T.81, E.2).

import { readRow } from './entropy-baseline'
import { BEFORE, BITS } from './memory-layout'
import { mirror, Reader, skipToByte, startReading } from './bit-reader'
import { readScanRow, Run } from './entropy-progressive'
import { allocate } from './allocator'

/** Reads so many, so many of them in a row, whose data is there; of a scan of a progressive file, if one is told. */
export function readUnits(data: usize, units: u32, across: u32, interval: u32, scan: usize): bool {
  const restarts = interval == 0 ? 0 : (units - 1) / interval
  const marks = allocate(restarts << 2)
  const marker = mirror(data, marks, restarts)
  // A baseline file has to end there.
  if (marker == 0 || (scan == 0 && marker != 0xd9)) return false
  let left = interval
  let mark = marks
  startReading()
  begin()
  for (let unit: u32 = 0; unit < units; ) {
    // A row at a time: V8 replaces code by better code where it is called.
    const some = min(across - (unit % across), interval == 0 ? across : left)
    const isRead = scan == 0 ? readRow(unit, some) : readScanRow(scan, unit, some, across)
    if (!isRead || Reader.next > Reader.end + 8) return false
    unit += some
    left -= some
    if (interval == 0 || left > 0 || unit == units) continue
    if (Run.left > 0 || !skipToByte() || Reader.next != BITS + load<u32>(mark)) return false
    begin()
    mark += 4
    left = interval
  }
  return Run.left == 0 && skipToByte() && Reader.next == Reader.end
}

/** Nothing is known from before. */
function begin(): void {
  memory.fill(BEFORE, 0, 12)
  Run.left = 0
}
