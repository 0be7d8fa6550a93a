import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { PresetRecipe } from '../../src/plan/types.js'
import type { OutputResult, Result } from '../../src/jobs/types.js'
import type { Compute } from '../../src/image/types.js'
import { createHeicDecoder } from '../../src/decoders/heic.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject } from '../support/project.js'
import { makeIn, makeOne, thumb, web } from '../plan/planning.js'

const summarize = ({ outputs }: Result) => outputs.map(({ action, path }) => `${action} ${path}`)

function written(outputs: readonly OutputResult[]): (OutputResult & { action: 'written' })[] {
  return outputs.flatMap((output) => (output.action === 'written' ? [output] : []))
}

describe('executeJob', () => {
  it('writes files that match the facts in its result', async () => {
    const project = await makeProject()
    const names = ['landscape.jpg', 'alpha.png', 'animated.gif', 'photo.avif', 'drawing.svg', 'scan.tiff']
    for (const name of names) await project.copy(`photos/${name}`, `photos/${name}`)
    const small: PresetRecipe = {
      name: 'small',
      ops: [{ rotate: 90 }, { resize: '50%' }, { format: 'webp' }],
    }
    const results = await makeIn(project, { inputs: ['photos'], presets: [thumb, small] })
    const outputs = results.flatMap((result) => written(result.outputs))
    expect(outputs).toHaveLength(12)
    for (const { path, bytes, hash, width, height, pages, format } of outputs) {
      const file = await readFile(project.at(`out/${path}`))
      const image = await sharp(file).metadata()
      expect({ bytes, hash, width, height, pages: pages ?? 1 }).toEqual({
        bytes: file.length,
        hash: `sha256:${createHash('sha256').update(file).digest('hex')}`,
        width: image.width,
        height: image.pageHeight ?? image.height,
        pages: image.pages ?? 1,
      })
      expect(image.format).toBe(format === 'avif' ? 'heif' : format)
    }
    expect(await project.files('out')).toEqual(outputs.map(({ path }) => path).toSorted())
  })

  it('reserves the memory of a decoded HEIC while it needs it', async () => {
    const project = await makeProject()
    await project.copy('photos/phone.heic', 'phone.heic')
    let held = 0
    const reserved: number[] = []
    const compute: Compute = Object.assign(
      async <T>(work: () => Promise<T>) => {
        reserved.push(held)
        return work()
      },
      {
        reserve: (bytes: number) => {
          held += bytes
          return () => void (held -= bytes)
        },
      },
    )
    const { status } = await makeOne(project, {}, { compute, decoders: [createHeicDecoder()] })
    expect(status).toBe('ready')
    const [decoding, encoding = 0] = reserved
    expect([reserved.length, decoding, held]).toEqual([2, 0, 0])
    // The decoder returns an uncompressed PNG with three channels.
    expect(encoding).toBeGreaterThan(320 * 240 * 3)
  })

  it('reports the upright size of the source, and the format of its content', async () => {
    const project = await makeProject()
    await project.copy('photos/orientation/Landscape_6.jpg', 'turned.jpg')
    await project.copy('odd/lying.jpg', 'lying.jpg')
    const [lying, turned] = await makeIn(project, {})
    expect(turned?.source).toMatchObject({
      width: 240,
      height: 160,
      format: 'jpeg',
      bytes: expect.any(Number) as number,
    })
    expect(lying?.source).toMatchObject({ width: 200, height: 150, format: 'png' })
    expect(lying?.outputs[0]).toMatchObject({ path: 'lying.thumb.png', format: 'png', mime: 'image/png' })
  })

  it('fills {hash} from content and recipe, and percent-encodes URLs', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'Trip [Rome]/a (1).jpg', 'copy/b.jpg')
    const path = '{dir}/{name}-{width}x{height}-{hash:8}.{ext}'
    const results = await makeIn(project, { presets: [thumb, web], path, baseUrl: '/img/' })
    const [a = [], b = []] = results.map(({ outputs }) => written(outputs))
    expect(a[0]?.path).toMatch(/^Trip \[Rome\]\/a \(1\)-100x75-[0-9a-f]{8}\.jpg$/)
    expect(a[0]?.url).toBe(`/img/Trip%20%5BRome%5D/a%20(1)${a[0]?.path.slice(17)}`)
    const hashes = [...a, ...b].map((output) => /-([0-9a-f]{8})\./.exec(output.path)?.[1])
    expect(hashes.slice(0, 2)).toEqual(hashes.slice(2))
    expect(hashes[0]).not.toBe(hashes[1])
  })

  it('gives a contested path to the source that sorts first, at any speed, and overwrites nothing', async () => {
    const project = await makeProject()
    await project.copy('photos/orientation/Landscape_1.jpg', 'a.jpe')
    await project.copy('photos/orientation/Landscape_5.jpg', 'a.jpeg')
    await project.copy('odd/no-extension', 'a.jpg')
    const store = createFileStore({ cwd: project.path })
    const pauses = fc.array(fc.nat({ max: 15 }), { minLength: 6, maxLength: 6 })
    let run = 0
    await fc.assert(
      fc.asyncProperty(pauses, async (delays) => {
        const out = `out-${run++}`
        const next = () => sleep(delays.pop())
        const input = { ...store, read: async (ref: string) => next().then(() => store.read(ref)) }
        const output: typeof store = {
          ...store,
          write: async (...args) => next().then(() => store.write(...args)),
        }
        const results = await makeIn(project, { inputs: ['a.jp*'], out }, { input, output })
        expect(results.flatMap(summarize)).toEqual([
          'written a.thumb.jpg',
          'failed a.thumb.jpg',
          'failed a.thumb.jpg',
        ])
        const [first, second] = results.map(({ outputs }) => outputs[0])
        expect(second).toMatchObject({
          error: {
            code: 'OUTPUT_COLLISION',
            message: expect.stringContaining('is already made from a.jpe') as string,
          },
        })
        expect(await project.files(out)).toEqual(['a.thumb.jpg'])
        const hash = createHash('sha256')
          .update(await readFile(project.at(`${out}/a.thumb.jpg`)))
          .digest('hex')
        expect(first).toMatchObject({ hash: `sha256:${hash}` })
      }),
      { numRuns: 20 },
    )
  })

  it('does not overwrite an input if the output extension is known only after decoding', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.png', 'a.thumb.jpg')
    const before = await readFile(project.at('a.thumb.jpg'))
    const [lying, other] = await makeIn(project, { out: '.' })
    expect(lying).toMatchObject({
      status: 'failed',
      outputs: [{ error: { code: 'OUTPUT_OVERWRITES_INPUT' } }],
    })
    expect(other).toMatchObject({ status: 'ready', outputs: [{ path: 'a.thumb.thumb.jpg' }] })
    expect(await readFile(project.at('a.thumb.jpg'))).toEqual(before)
  })

  it('renders widths above the picture once, at the width of the picture', async () => {
    const project = await makeProject()
    await project.copy('photos/portrait.webp', 'a.webp')
    const wide: PresetRecipe = { name: 'wide', ops: [], widths: [320, 640, 1280], formats: ['webp', 'jpeg'] }
    const result = await makeOne(project, { inputs: ['a.webp'], presets: [wide] })
    expect(summarize(result)).toEqual([
      'written a.wide-320w.webp',
      'written a.wide-320w.jpg',
      'written a.wide-480w.webp',
      'written a.wide-480w.jpg',
      'skipped a.wide-{width}w.webp',
      'skipped a.wide-{width}w.jpg',
    ])
    expect(result.outputs[4]).toMatchObject({ reason: 'the picture is only 480 px wide' })
    expect(result.status).toBe('ready')
  })

  it('compares widths with the picture after earlier rotations', async () => {
    const project = await makeProject()
    await project.copy('photos/portrait.webp', 'a.webp')
    const wide: PresetRecipe = { name: 'wide', ops: [{ rotate: 90 }], widths: [480, 640, 800] }
    const result = await makeOne(project, { inputs: ['a.webp'], presets: [wide] })
    expect(written(result.outputs).map(({ width, height }) => [width, height])).toEqual([
      [480, 360],
      [640, 480],
    ])
  })

  it('skips renditions that would not be smaller than the source, with skipSmaller', async () => {
    const project = await makeProject()
    await project.copy('odd/one-pixel.png', 'tiny.png')
    await project.copy('odd/wide.png', 'wide.png')
    const [tiny, wide] = await makeIn(project, { presets: [{ ...thumb, skipSmaller: true }] })
    expect(tiny).toMatchObject({ status: 'skipped', outputs: [{ reason: 'the source is only 1x1' }] })
    expect(wide).toMatchObject({ status: 'ready', outputs: [{ width: 100, height: 1 }] })
  })
})
