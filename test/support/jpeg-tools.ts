import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'

/** Whether libjpeg-turbo's commands are there (Debian: libjpeg-turbo-progs). */
export const hasTools = ['cjpeg', 'jpegtran'].every((command) => {
  try {
    return execFileSync(command, ['-version'], { stdio: 'pipe' }) !== undefined
  } catch {
    return false
  }
})

/** Where each scan of a file begins. */
export function scansOf(jpeg: Buffer): number[] {
  const found: number[] = []
  for (let at = jpeg.indexOf('ffda', 0, 'hex'); at >= 0; at = jpeg.indexOf('ffda', at + 2, 'hex'))
    found.push(at)
  return found
}

/** A JPEG written by libjpeg-turbo, with switches as its manual has them. */
export async function cjpeg(picture: Buffer, ...switches: string[]): Promise<Buffer> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const ppm = Buffer.concat([Buffer.from(`P6 ${info.width} ${info.height} 255\n`), data])
  return execFileSync('cjpeg', switches, { input: ppm })
}

/** The same coefficients in another order. */
export function jpegtran(jpeg: Buffer, ...switches: string[]): Buffer {
  return execFileSync('jpegtran', ['-copy', 'all', ...switches], { input: jpeg })
}

/** The same coefficients in the scans that a script says. */
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

/** Whole scan scripts, as odd as the standard allows: every band of every component, refined bit by bit. */
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
      // DC has to begin a component; what follows may come in any order that keeps each band's own.
      const first = dc.map((band) => band[0]!)
      const queues = [...dc.map((band) => band.slice(1)), ...ac.flat()].filter((band) => band.length > 0)
      return [...first, ...interleave(queues, shuffle)].join('\n')
    })
}

/** Coefficients 1 to 63 in bands, and the lowest bit that each begins with. */
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
