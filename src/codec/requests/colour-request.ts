import type { ColourTables } from '../types.js'
import {
  COLOUR_CURVE_BLUE,
  COLOUR_CURVE_GREEN,
  COLOUR_CURVE_RED,
  COLOUR_CURVE_SIZE,
  COLOUR_CURVES,
  COLOUR_SUMS,
  COLOUR_TABLES,
} from './memory-layout.generated.js'

/** Writes the request to convert colours into WebAssembly memory; undefined for none. */
export function writeColourRequest(memory: Uint8Array, colours: ColourTables | undefined): void {
  const view = new DataView(memory.buffer, memory.byteOffset)
  const fields = [COLOUR_CURVE_RED, COLOUR_CURVE_GREEN, COLOUR_CURVE_BLUE]
  if (colours === undefined) {
    for (const field of fields) view.setUint32(COLOUR_CURVES + field, 0, true)
    return
  }
  const { sums, encoded } = colours
  memory.set(new Uint8Array(sums.buffer, sums.byteOffset, sums.byteLength), COLOUR_SUMS)
  for (const [index, curve] of encoded.entries()) {
    // Channels often share their curve.
    const shared = encoded.indexOf(curve)
    const address = COLOUR_TABLES + shared * COLOUR_CURVE_SIZE
    if (shared === index) memory.set(curve, address)
    view.setUint32(COLOUR_CURVES + fields[index]!, address, true)
  }
}
