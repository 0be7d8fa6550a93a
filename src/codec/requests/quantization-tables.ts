/** Tables of ITU T.81, annex K.1, which libjpeg scales, row by row. */
const LUMA = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
]
const CHROMA = [
  [17, 18, 24, 47, 99, 99, 99, 99],
  [18, 21, 26, 66, 99, 99, 99, 99],
  [24, 26, 56, 99, 99, 99, 99, 99],
  [47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 4 }, () => Array.from({ length: 8 }, () => 99)),
]

/** Returns libjpeg's tables for a quality from 1 to 100: luma, then chroma, each in zigzag order (jcparam.c). */
export function quantTablesOf(quality: number): Uint8Array {
  const scale = quality < 50 ? Math.trunc(5000 / quality) : 200 - quality * 2
  const scaled = [LUMA, CHROMA].flatMap((table) => toZigzag(table))
  return Uint8Array.from(scaled, (number) =>
    Math.min(255, Math.max(1, Math.trunc((number * scale + 50) / 100))),
  )
}

/** Sorts along the diagonals, alternately up and down (ITU T.81, figure A.6). */
function toZigzag(table: readonly (readonly number[])[]): readonly number[] {
  const numbers = table.flatMap((row, y) => row.map((number, x) => ({ number, x, y })))
  const rank = ({ x, y }: { x: number; y: number }) => (x + y) * 8 + ((x + y) % 2 === 0 ? x : y)
  return numbers.toSorted((a, b) => rank(a) - rank(b)).map(({ number }) => number)
}
