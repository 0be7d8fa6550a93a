/** Pixels as RGBA of 8 bits, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

/** Reads a PAM file (Netpbm's P7) of RGBA, 8 bits. Returns undefined if it is none. */
export function readPam(bytes: Buffer): Pixels | undefined {
  const end = bytes.indexOf('ENDHDR\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const numberOf = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(head)?.[1])
  const [width, height] = [numberOf('WIDTH'), numberOf('HEIGHT')]
  const rgba = bytes.subarray(end + 'ENDHDR\n'.length)
  if (numberOf('DEPTH') !== 4 || numberOf('MAXVAL') !== 255 || rgba.length !== width * height * 4)
    return undefined
  return { width, height, rgba }
}

/** Returns a picture mirrored in either direction, or both, which turns it by 180 degrees. */
export function mirror({ width, height, rgba }: Pixels, isFlopped: boolean, isFlipped: boolean): Pixels {
  const mirrored = new Uint8Array(rgba.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((isFlipped ? height - 1 - y : y) * width + (isFlopped ? width - 1 - x : x)) * 4
      mirrored.set(rgba.subarray(from, from + 4), (y * width + x) * 4)
    }
  }
  return { width, height, rgba: mirrored }
}

/** Levels by which decoders of the same file may differ: rounding in a colour conversion. */
const TOLERANCE = 2

/** Returns true if no pixel of two pictures differs by more than the tolerance. */
export function looksSame(one: Pixels, other: Pixels): boolean {
  return distance(one, other) <= TOLERANCE
}

/** Returns the largest difference of any channel; Infinity for pictures of other sizes. Colours of clear pixels do not count. */
export function distance(one: Pixels, other: Pixels): number {
  if (one.width !== other.width || one.height !== other.height) return Infinity
  const [a, b] = [one.rgba, other.rgba]
  let most = 0
  for (let at = 0; at < a.length; at += 4) {
    const alphas = [a[at + 3]!, b[at + 3]!]
    most = Math.max(most, Math.abs(alphas[0]! - alphas[1]!))
    if (Math.max(...alphas) <= TOLERANCE) continue
    for (let channel = 0; channel < 3; channel++)
      most = Math.max(most, Math.abs(a[at + channel]! - b[at + channel]!))
  }
  return most
}
