import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { createSharedPixels } from '../../src/jobs/shared-pixels.js'
import { expandPreset } from '../../src/plan/expand-presets.js'
import { recipeOf, toRecipe } from '../../src/render/recipe.js'
import { encodeRendition } from '../../src/render/render-rendition.js'
import type { PresetRecipe } from '../../src/plan/types.js'
import type { OpenImage } from '../../src/image/open-image.js'
import type { Rendition } from '../../src/jobs/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { readOps } from '../../src/operations/parse-operations.js'
import { difference, fixture, makePicture, open, pixelsOf } from '../support/pictures.js'
import { makeProject } from '../support/project.js'
import { makeOne } from '../plan/planning.js'

const WIDTHS = [60, 95, 190, 300]

function renditionsOf(recipe: Partial<PresetRecipe>): Rendition[] {
  const preset = { name: 'wide', ops: [], widths: WIDTHS, formats: ['webp', 'jpeg'] as const, ...recipe }
  return expandPreset(preset, new Map(), {
    path: '{name}.{ext}',
    defaultPath: undefined,
    failOn: 'error',
  }).map(({ rendition }) => ({ ...rendition, target: '' }))
}

/** Creates a photo that is 10, 6.3, 3.2 and 2 times as wide as the widths. */
async function makeJpeg(width = 600, height = 450): Promise<Buffer> {
  return sharp(await makePicture('rgb', width, height))
    .jpeg({ quality: 90 })
    .toBuffer()
}

async function makeAll(image: OpenImage, renditions: readonly Rendition[]): Promise<Buffer[]> {
  const findStart = createSharedPixels(renditions)
  const made: Buffer[] = []
  for (const { ops, sharedWidth } of renditions)
    made.push((await encodeRendition(image, ops, await findStart(image, recipeOf(ops), sharedWidth))).data)
  return made
}

/** Renders each as if it were the only stale one. */
async function makeAlone(image: OpenImage, renditions: readonly Rendition[]): Promise<Buffer[]> {
  return Promise.all(renditions.map(async (one) => (await makeAll(image, [one]))[0]!))
}

/** Renders each from the source. */
async function makeDirect(image: OpenImage, renditions: readonly Rendition[]): Promise<Buffer[]> {
  return Promise.all(renditions.map(async ({ ops }) => (await encodeRendition(image, ops)).data))
}

/** Returns true for each rendition with the same bytes as if rendered from the source. */
async function whichAreDirect(image: OpenImage, renditions: readonly Rendition[]): Promise<boolean[]> {
  const [made, direct] = await Promise.all([makeAll(image, renditions), makeDirect(image, renditions)])
  return made.map((data, at) => data.equals(direct[at]!))
}

const side = fc.integer({ min: 20, max: 320 })
const anyOp: fc.Arbitrary<ImageOp> = fc.oneof(
  side.map((resize) => ({ resize })),
  fc.record({ width: side, height: side }).map((thumbnail) => ({ thumbnail })),
  fc.record({ width: side, height: side, fit: fc.constant('cover' as const) }).map((resize) => ({ resize })),
  fc.constantFrom<ImageOp>({ crop: { aspect: '1/1' } }, { crop: { aspect: '1/1', position: 'attention' } }),
  fc.constantFrom<ImageOp>({ flip: true }, { flop: true }, { rotate: 90 }, { trim: true }),
  fc.constantFrom<ImageOp>({ blur: 1.5 }, { sharpen: 1 }, { grayscale: true }, { negate: true }),
  fc.constantFrom<ImageOp>({ modulate: { brightness: 1.2 } }, { pad: 4 }, { round: 9 }, { contrast: 1.3 }),
)

describe('renditions that differ only in the encoder', () => {
  it.each(['rgb', 'grey', 'rgba', 'deep'] as const)(
    'have the same bytes as each alone, on %s',
    async (kind) => {
      const png = await makePicture(kind, 330, 210)
      const images = [await open(png)]
      if (kind === 'rgb' || kind === 'grey') {
        const jpeg = await sharp(png).withMetadata({ density: 300, orientation: 6 }).jpeg().toBuffer()
        images.push(await open(jpeg), await open(await sharp(png).webp().toBuffer()))
      }
      const formats = ['webp', 'jpeg', { type: 'jpeg', quality: 60, neverGrow: true }, 'png'] as const
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyOp, { minLength: 1, maxLength: 3 }),
          fc.constantFrom(...images),
          async (ops, image) => {
            const renditions = renditionsOf({ ops, widths: [], formats })
            const direct = await makeDirect(image, renditions).catch(() => undefined)
            // Ignores operations that are invalid for the picture.
            if (direct === undefined) return
            const made = await makeAll(image, renditions)
            expect(made.map((data, at) => data.equals(direct[at]!))).toEqual(formats.map(() => true))
          },
        ),
        { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 15) },
      )
    },
  )
})

describe('widths of one preset', () => {
  it('are scaled once for all formats', async () => {
    const image = await open(await makeJpeg())
    const renditions = renditionsOf({})
    const findStart = createSharedPixels(renditions)
    const starts = await Promise.all(
      renditions.map(({ ops, sharedWidth }) => findStart(image, toRecipe(readOps(ops)), sharedWidth)),
    )
    const pictures = starts.map((start) => start?.image)
    expect(pictures.map((picture) => picture?.metadata.width)).toEqual(
      WIDTHS.flatMap((width) => [width, width]),
    )
    expect(new Set(pictures).size).toBe(WIDTHS.length)
  })

  it('have the same pixels as each alone, in any order and number', async () => {
    const image = await open(await makeJpeg())
    const renditions = renditionsOf({ after: [{ sharpen: 1 }, { flop: true }] })
    const alone = await makeAlone(image, renditions)
    const places = fc.uniqueArray(fc.nat({ max: renditions.length - 1 }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(places, async (chosen) => {
        const made = await makeAll(
          image,
          chosen.map((at) => renditions[at]!),
        )
        expect(made.map((data, at) => data.equals(alone[chosen[at]!]!))).toEqual(chosen.map(() => true))
      }),
      { numRuns: 15 },
    )
  })

  it('are rendered from the widest if that is closer to a full decode', async () => {
    const source = await makeJpeg()
    const image = await open(source)
    const lossless = renditionsOf({ formats: [{ type: 'webp', lossless: true }] })
    expect(await whichAreDirect(image, lossless)).toEqual([false, false, false, true])
    const [made, direct] = await Promise.all([makeAll(image, lossless), makeDirect(image, lossless)])
    const { data, info } = await sharp(source).raw().toBuffer({ resolveWithObject: true })
    for (const [at, width] of WIDTHS.entries()) {
      const full = await sharp(data, { raw: info }).resize(width).png().toBuffer()
      const [ours, theirs] = await Promise.all(
        [made, direct].map(async (all) => difference(await pixelsOf(all[at]!), await pixelsOf(full)).mean),
      )
      expect(ours, `${width}`).toBeLessThanOrEqual(theirs!)
    }
  })

  it('are upright, and have the same height as from the source', async () => {
    const turned = await sharp(await makeJpeg(601, 433))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const image = await open(turned)
    const sizes = async (all: Buffer[]) =>
      Promise.all(
        all.map((data) =>
          sharp(data)
            .metadata()
            .then(({ width, height }) => [width, height]),
        ),
      )
    const renditions = renditionsOf({ widths: [40, 65, 130, 200] })
    expect(await sizes(await makeAll(image, renditions))).toEqual(
      await sizes(await makeDirect(image, renditions)),
    )
    expect(await whichAreDirect(image, renditions)).toContain(false)
  })

  it('are rendered from a source that is not an opaque 8-bit JPEG, or whose metadata is kept', async () => {
    const jpeg = await makeJpeg()
    const { data } = await sharp(jpeg).toColourspace('cmyk').jpeg().toBuffer({ resolveWithObject: true })
    const sources = [
      await sharp(jpeg).png().toBuffer(),
      await sharp(jpeg).webp().toBuffer(),
      await makePicture('rgba', 600, 450),
      await makePicture('deep', 600, 450),
      await fixture('photos/animated.gif'),
      data,
    ]
    for (const source of sources)
      expect(await whichAreDirect(await open(source), renditionsOf({}))).not.toContain(false)
    const image = await open(jpeg)
    const others: Partial<PresetRecipe>[] = [
      { ops: [{ metadata: 'icc' }] },
      { ops: [{ autoOrient: false }] },
      { ops: [{ crop: '500x400' }] },
      { ops: [{ trim: true }] },
      { after: [{ crop: { aspect: '1/1', position: 'attention' } }] },
      { after: [{ normalize: true }] },
      { after: [{ round: 10 }] },
      { formats: ['png', { type: 'jpeg', maxBytes: '4KB' }] },
      { widths: [60] },
    ]
    for (const recipe of others)
      expect(await whichAreDirect(image, renditionsOf(recipe)), JSON.stringify(recipe)).not.toContain(false)
  })

  it('have another recipe for another widest width only if they are rendered from it', () => {
    const recipeOf = (recipe: Partial<PresetRecipe>) => renditionsOf(recipe)[0]?.recipe
    expect(recipeOf({ widths: [60, 300] })).toBe(recipeOf({ widths: [60, 190, 300] }))
    expect(recipeOf({ widths: [60, 300] })).not.toBe(recipeOf({ widths: [60, 301] }))
    expect(recipeOf({ widths: [60, 300], ops: [{ trim: true }] })).toBe(
      recipeOf({ widths: [60, 301], ops: [{ trim: true }] }),
    )
  })
})

describe('job with several widths', () => {
  it('writes the same bytes as for a single stale width', async () => {
    const project = await makeProject()
    await project.write('a.jpg', await makeJpeg())
    const preset: PresetRecipe = { name: 'wide', ops: [], widths: WIDTHS, formats: ['webp', 'jpeg'] }
    const presets = [preset]
    const { outputs } = await makeOne(project, { inputs: ['a.jpg'], presets })
    expect(outputs.map(({ action, path }) => `${action} ${path}`)).toEqual(
      WIDTHS.flatMap((width) => ['webp', 'jpg'].map((ext) => `written a.wide-${width}w.${ext}`)),
    )
    expect(await readFile(project.at('out/a.wide-60w.webp'))).toEqual(
      (await makeAlone(await open(await makeJpeg()), renditionsOf({})))[0],
    )
  })

  it('fails once as a whole if the source is damaged', async () => {
    const project = await makeProject()
    const whole = await makeJpeg()
    await project.write('a.jpg', whole.subarray(0, whole.length / 2))
    const presets: PresetRecipe[] = [{ name: 'wide', ops: [], widths: WIDTHS, formats: ['webp', 'jpeg'] }]
    const result = await makeOne(project, { inputs: ['a.jpg'], presets })
    expect(result).toMatchObject({ status: 'failed', outputs: [], error: { code: 'CORRUPT_IMAGE' } })
  })
})
