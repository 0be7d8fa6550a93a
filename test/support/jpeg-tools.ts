import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'

/** True if libjpeg-turbo's commands are installed (Debian: libjpeg-turbo-progs). */
export const hasTools = ['cjpeg', 'jpegtran'].every((command) => {
  try {
    return execFileSync(command, ['-version'], { stdio: 'pipe' }) !== undefined
  } catch {
    return false
  }
})

/** Returns the offset of each SOS marker. */
export function scansOf(jpeg: Buffer): number[] {
  const found: number[] = []
  for (let at = jpeg.indexOf('ffda', 0, 'hex'); at >= 0; at = jpeg.indexOf('ffda', at + 2, 'hex'))
    found.push(at)
  return found
}

/** Encodes a picture by libjpeg-turbo's cjpeg with the given switches. */
export async function cjpeg(picture: Buffer, ...switches: string[]): Promise<Buffer> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const ppm = Buffer.concat([Buffer.from(`P6 ${info.width} ${info.height} 255\n`), data])
  return execFileSync('cjpeg', switches, { input: ppm })
}

/** Returns a copy with bytes at an offset replaced. */
export function splice(jpeg: Buffer, at: number, deleted: number, hex: string): Buffer {
  return Buffer.concat([jpeg.subarray(0, at), Buffer.from(hex, 'hex'), jpeg.subarray(at + deleted)])
}

/** Rewrites a file without changing its coefficients. */
export function jpegtran(jpeg: Buffer, ...switches: string[]): Buffer {
  return execFileSync('jpegtran', ['-copy', 'all', ...switches], { input: jpeg })
}

/** Rewrites a file with the scans of a script. */
export function rescan(jpeg: Buffer, script: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'imgproc-scans-'))
  try {
    const file = join(folder, 'scans.txt')
    writeFileSync(file, script)
    return jpegtran(jpeg, '-scans', file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Generates complete scan scripts, as unusual as the standard allows: random bands, refined bit by bit. */
export function anyScript(components: number): fc.Arbitrary<string> {
  const planes = Array.from({ length: components }, (_, index) => String(index))
  const dc = fc
    .record({ apart: fc.boolean(), low: fc.nat(2) })
    .map(({ apart, low }) =>
      (apart ? planes : [planes.join(',')]).map((plane) => refining(plane, '0-0', low)),
    )
  const ac = fc.tuple(
    ...planes.map((plane) =>
      anyBands().map((bands) => bands.map(([band, low]) => refining(plane, band, low))),
    ),
  )
  return fc
    .record({ dc, ac, shuffle: fc.array(fc.nat(99), { minLength: 40, maxLength: 40 }) })
    .map(({ dc, ac, shuffle }) => {
      // A component begins with DC; then come all bands in random order, each with its scans in sequence.
      const first = dc.map((band) => band[0]!)
      const queues = [...dc.map((band) => band.slice(1)), ...ac.flat()].filter((band) => band.length > 0)
      return [...first, ...interleave(queues, shuffle)].join('\n')
    })
}

/** Generates bands of coefficients 1 to 63, and the lowest bit of the first scan of each. */
function anyBands(): fc.Arbitrary<[band: string, low: number][]> {
  return fc.uniqueArray(fc.integer({ min: 2, max: 63 }), { maxLength: 3 }).chain((cuts) => {
    const starts = [1, ...cuts.toSorted((a, b) => a - b)]
    const bands = starts.map((start, index) => `${start}-${(starts[index + 1] ?? 64) - 1}`)
    return fc.tuple(...bands.map((band) => fc.tuple(fc.constant(band), fc.nat(2))))
  })
}

function refining(plane: string, band: string, low: number): string[] {
  const scans = [`${plane}: ${band}, 0, ${low};`]
  for (let bit = low; bit > 0; bit--) scans.push(`${plane}: ${band}, ${bit}, ${bit - 1};`)
  return scans
}

function interleave(queues: readonly (readonly string[])[], order: readonly number[]): string[] {
  const rest = queues.map((queue) => [...queue])
  const scans: string[] = []
  for (let turn = 0; rest.some((queue) => queue.length > 0); turn++) {
    const full = rest.filter((queue) => queue.length > 0)
    scans.push(full[order[turn % order.length]! % full.length]!.shift()!)
  }
  return scans
}

/** Packs a text of zeros and ones as entropy-coded bytes. */
function packBits(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? []
  return Buffer.from(
    bytes.flatMap((byte) => (byte === '11111111' ? [255, 0] : [parseInt(byte.padEnd(8, '1'), 2)])),
  )
}

/**
 * Makes a baseline JPEG with one row of blocks, 4:4:4. Each block has one large coefficient, whose code and value take the
 * maximum of 26 bits, and after it `small` coefficients of eleven bits each.
 */
export function makeLongCodes(blocks: number, small: number): Buffer {
  const segment = (marker: number, ...body: number[]) => [0xff, marker, 0, body.length + 2, ...body]
  const ones = Array.from({ length: 64 }, () => 1)
  const lengths = (...of: number[]) =>
    Array.from({ length: 16 }, (_, at) => of.filter((one) => one === at + 1).length)
  // Codes of 2 bits for end-of-block, 10 for a small coefficient, and 16 for a large one.
  const [end, one, large] = ['00', '0100000000', '0100000001000000']
  const head = [
    ...segment(0xdb, 0, ...ones),
    ...segment(0xc0, 8, 0, 8, 0, blocks * 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0),
    ...segment(0xc4, 0x00, ...lengths(1), 0),
    ...segment(0xc4, 0x10, ...lengths(2, 10, 16), 0x00, 0x01, 0x0a),
    ...segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0),
  ]
  const luma = `0${large}1000000001${`${one}1`.repeat(small)}${end}`
  const chroma = `0${end}`
  const data = packBits(`${luma}${chroma}${chroma}`.repeat(blocks))
  return Buffer.concat([Buffer.from([0xff, 0xd8, ...head]), data, Buffer.from([0xff, 0xd9])])
}
