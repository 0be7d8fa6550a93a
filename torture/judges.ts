import { spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { partsOf } from './parts.js'
import { readPam, type Pixels } from './pam.js'

/** A decoder from another project. */
export interface Judge {
  readonly name: string
  /** Decodes the first frame of files. A file that it refuses, or warns of, is missing from the result. */
  decode(paths: readonly string[], folder: string): Promise<ReadonlyMap<string, Pixels>>
}

const BATCH = 50
const BATCH_SECONDS = 60

/** ImageMagick's decoders, from Debian: libpng, libjpeg, libwebp, libtiff, libheif, and its own GIF. */
const imageMagick: Judge = {
  name: 'ImageMagick',
  decode: (paths, folder) =>
    inBatches(paths, async (batch) => {
      const found = new Map<string, Pixels>()
      // Only a GIF's frame may be smaller than its canvas. In other formats an offset is meant for print.
      for (const isGif of [true, false]) {
        const files = batch.filter((path) => path.endsWith('.gif') === isGif)
        if (files.length === 0) continue
        const coalesce = isGif ? ['-coalesce'] : []
        const options = [
          '-format',
          'pam',
          '-depth',
          '8',
          '-alpha',
          'on',
          '-type',
          'TrueColorAlpha',
          '-path',
          folder,
        ]
        const args = [...options, ...coalesce, ...files.map((path) => `${path}[0]`)]
        const { stderr } = await runTool('mogrify', args)
        for (const path of files.filter((each) => !stderr.includes(basename(each))))
          await addPam(found, path, folder)
      }
      return found
    }),
}

const PILLOW = fileURLToPath(new URL('judge.py', import.meta.url))

/** Pillow's decoders, from Debian's python3-pil: its own for PNG, GIF and TIFF, and libjpeg, libwebp. */
const pillow: Judge = {
  name: 'Pillow',
  decode: (paths, folder) =>
    inBatches(paths, async (batch) => {
      const found = new Map<string, Pixels>()
      const lines = batch.map((path) => `${path}\t${pamOf(path, folder)}\n`)
      const { stdout } = await runTool('/usr/bin/python3', [PILLOW], lines.join(''))
      for (const path of stdout.split('\n').filter(Boolean)) await addPam(found, path, folder)
      return found
    }),
}

/** libavif's own command. */
const avifdec: Judge = {
  name: 'avifdec',
  async decode(paths, folder) {
    const found = new Map<string, Pixels>()
    for (const path of paths.filter((each) => each.endsWith('.avif'))) {
      const png = join(folder, `${basename(path)}.png`)
      const { code } = await runTool('avifdec', [path, png])
      if (code !== 0) continue
      await runTool('convert', [
        png,
        '-depth',
        '8',
        '-alpha',
        'on',
        '-type',
        'TrueColorAlpha',
        `pam:${pamOf(path, folder)}`,
      ])
      await addPam(found, path, folder)
    }
    return found
  },
}

/** Both judges of a picture, by its extension: independent of each other where Debian has two decoders. */
export function judgesOf(extension: string): readonly Judge[] {
  return extension === 'avif' ? [imageMagick, avifdec] : [imageMagick, pillow]
}

/**
 * Returns true if two judges decode the file as they should. Neither applies a profile to CMYK, there are no two for SVG and
 * HEIC, and both leave the way of browsers for a GIF whose first frame is not as large as its canvas (docs/pictures-differ.md).
 */
export function isJudged(extension: string, bytes: Buffer): boolean {
  if (extension === 'gif') return coversCanvas(bytes)
  return extension !== 'svg' && extension !== 'heic' && !isCmykJpeg(bytes)
}

/** Returns true if the first frame of a GIF has the place and size of its canvas. (GIF89a, sections 18 and 20) */
function coversCanvas(gif: Buffer): boolean {
  const frame = partsOf(gif).find(([start]) => gif[start] === 0x2c)?.[0]
  if (frame === undefined) return false
  return gif.readUInt32LE(frame + 1) === 0 && gif.readUInt32LE(frame + 5) === gif.readUInt32LE(6)
}

/** Returns true for a JPEG whose first frame header names four components. (ITU-T T.81, B.2.2) */
function isCmykJpeg(bytes: Buffer): boolean {
  const header = partsOf(bytes).find(
    ([start]) => bytes[start] === 0xff && [0xc0, 0xc1, 0xc2, 0xc3].includes(bytes[start + 1]!),
  )
  return bytes[0] === 0xff && header !== undefined && bytes[header[0] + 9] === 4
}

/** Decodes in batches. A batch that crashes the judge or takes too long is decoded one by one. */
async function inBatches(
  paths: readonly string[],
  decode: (batch: readonly string[]) => Promise<ReadonlyMap<string, Pixels>>,
): Promise<ReadonlyMap<string, Pixels>> {
  const found = new Map<string, Pixels>()
  const attempt = async (batch: readonly string[]): Promise<void> => {
    try {
      for (const [path, pixels] of await decode(batch)) found.set(path, pixels)
    } catch {
      if (batch.length > 1) for (const path of batch) await attempt([path])
    }
  }
  for (let at = 0; at < paths.length; at += BATCH) await attempt(paths.slice(at, at + BATCH))
  return found
}

function pamOf(path: string, folder: string): string {
  return join(folder, basename(path).replace(/\.[^.]+$/, '.pam'))
}

async function addPam(found: Map<string, Pixels>, path: string, folder: string): Promise<void> {
  const pam = pamOf(path, folder)
  const pixels = await readFile(pam).then(readPam, () => undefined)
  if (pixels !== undefined) found.set(path, pixels)
  await rm(pam, { force: true })
}

/** Runs a tool. Rejects if it crashes or takes too long. */
async function runTool(command: string, args: readonly string[], input = '') {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: BATCH_SECONDS * 1000 })
  child.stdin.on('error', () => {}).end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === null) reject(new Error(`${command} ended by ${signal}`))
      else resolve({ code, stdout, stderr })
    })
  })
}

/** Returns the names of the tools that are missing. */
export async function missingTools(): Promise<readonly string[]> {
  const tools: readonly (readonly [command: string, args: readonly string[]])[] = [
    ['mogrify', ['-version']],
    ['avifdec', ['--version']],
    ['/usr/bin/python3', ['-c', 'import PIL']],
  ]
  const missing = await Promise.all(
    tools.map(async ([command, args]) => {
      const works = await runTool(command, args).then(
        ({ code }) => code === 0,
        () => false,
      )
      return works ? [] : [command]
    }),
  )
  return missing.flat()
}

/** Creates the folder of each judge. */
export async function judgeFolder(parent: string, { name }: Judge): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder, { recursive: true })
  return folder
}
