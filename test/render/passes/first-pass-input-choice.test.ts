import type { Metadata } from 'sharp'
import { describe, expect, it } from 'vitest'
import { withDefaults } from '../../../src/image/limits.js'
import type { FailOn } from '../../../src/image/types.js'
import type { FastCodec } from '../../../src/codec/types.js'
import { NOTHING } from '../../../src/metadata/keep.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { readOps } from '../../../src/operations/parse-operations.js'
import type { Picture, RawPixels } from '../../../src/picture.js'
import { firstPassInput } from '../../../src/render/passes/first-pass-input.js'
import { nextPass } from '../../../src/render/passes/plan-passes.js'
import type { PassOptions } from '../../../src/render/passes/types.js'
import { toRecipe } from '../../../src/render/recipe.js'
import { DISPLAY_P3, makeRgbProfile, SRGB, SRGB_CURVE } from '../../support/profiles.js'
import { passOptions as options, pictureOf } from '../../support/planned.js'

const bytes = Buffer.from('a JPEG')
const small = Buffer.from('a JPEG of few scans')
const scaled: RawPixels = { width: 2, height: 1, channels: 3, bytes: Buffer.alloc(6, 1) }
const eighth: RawPixels = { width: 2, height: 1, channels: 3, bytes: Buffer.alloc(6, 2) }

interface Case {
  readonly ops?: readonly ImageOp[]
  readonly picture?: Partial<Picture>
  readonly metadata?: Partial<Metadata>
  readonly format?: string
  readonly failOn?: FailOn
  readonly options?: Partial<PassOptions>
  /** Calls of FastCodec that return nothing. */
  readonly fails?: readonly ('decodeScaled' | 'decode' | 'cut')[]
  readonly isFast?: boolean
}

/** Returns the calls of FastCodec, and the input: its pixels, and the names of the steps that remain. */
async function inputFor(given: Case): Promise<{ calls: unknown[]; input: string }> {
  const calls: unknown[] = []
  const answer = <T>(name: 'decodeScaled' | 'decode' | 'cut', made: T, ...args: unknown[]) => {
    calls.push([name, ...args])
    return given.fails?.includes(name) === true ? undefined : made
  }
  const fastCodec: FastCodec = {
    cut: () => answer('cut', small),
    decode: (_, denominator) => Promise.resolve(answer('decode', eighth, denominator)),
    scaleRows: () => Promise.reject(new Error('not called')),
    decodeScaled: (_, denominator, to, colours) =>
      Promise.resolve(answer('decodeScaled', scaled, denominator, to, ...(colours ? ['converted'] : []))),
    transcode: () => Promise.reject(new Error('not called')),
    encode: () => Promise.reject(new Error('not called')),
    expect: () => () => {},
    retainedBytes: () => 0,
  }
  const { ops = [{ thumbnail: '40x30' }], format = 'jpeg', failOn = 'error', isFast = true } = given
  const metadata = { space: 'srgb', isProgressive: true, ...given.metadata } as Metadata // only what is read
  const image = {
    bytes,
    metadata,
    format,
    options: { limits: withDefaults(), failOn, ...(isFast && { fastCodec }) },
  }
  const source = { kind: 'source', image, bytes } as const
  const pass = nextPass(toRecipe(readOps(ops)).pixels, pictureOf(given.picture))
  const made = await firstPassInput(pass, source, { ...options, ...given.options })
  const names = made.steps.map(({ operation }) => operation.name)
  return { calls, input: [describeSource(made.source.bytes, made.source.kind), ...names].join(' ') }
}

function describeSource(made: Uint8Array, kind: string): string {
  if (made === bytes) return kind
  if (made === small) return 'cut'
  if (kind === 'raw') return made === scaled.bytes ? 'raw scaled' : 'raw'
  const text = Buffer.from(made)
  return `TIFF ${text.includes(Buffer.from(scaled.bytes)) ? 'scaled' : text.includes(Buffer.from(eighth.bytes)) ? 'eighth' : 'of other pixels'}`
}

const corner = { width: 40, height: 30, orientation: 1, cover: undefined }
const exif = Buffer.from('Exif')

describe('input of the first pass', () => {
  it('is scaled pixels first, without the step that scales', async () => {
    const ops: ImageOp[] = [{ thumbnail: '40x30' }, { negate: true }]
    const { calls, input } = await inputFor({ ops })
    expect(calls).toEqual([['decodeScaled', 8, corner]])
    expect(input).toBe('raw scaled negate')
  })

  it('is scaled pixels for resize too', async () => {
    expect((await inputFor({ ops: [{ resize: 40 }, { blur: 1 }] })).input).toBe('raw scaled blur')
  })

  it('is scaled to the stored orientation', async () => {
    const { calls, input } = await inputFor({ metadata: { orientation: 6 } })
    expect(calls).toEqual([['decodeScaled', 8, { ...corner, width: 30, height: 40, orientation: 6 }]])
    expect(input).toBe('TIFF scaled')
  })

  it('is pixels decoded at 1/8 if they cannot be scaled, or have a profile of another kind', async () => {
    const { calls, input } = await inputFor({ fails: ['decodeScaled'] })
    expect(calls).toEqual([
      ['decodeScaled', 8, corner],
      ['decode', 8],
    ])
    expect(input).toBe('TIFF eighth thumbnail')
    const profiled = await inputFor({ metadata: { icc: Buffer.from('profile') } })
    expect(profiled).toEqual({ calls: [['decode', 8]], input: 'TIFF eighth thumbnail' })
  })

  it('is scaled pixels whose colours are converted, or that keep their profile', async () => {
    const { icc } = makeRgbProfile(DISPLAY_P3, 2.2)
    expect(await inputFor({ metadata: { icc } })).toEqual({
      calls: [['decodeScaled', 8, corner, 'converted']],
      input: 'raw scaled',
    })
    expect(await inputFor({ metadata: { icc }, options: { keep: { ...NOTHING, icc: true } } })).toEqual({
      calls: [['decodeScaled', 8, corner]],
      input: 'TIFF scaled',
    })
    const srgb = makeRgbProfile(SRGB, SRGB_CURVE).icc
    expect((await inputFor({ metadata: { icc: srgb } })).calls).toEqual([['decodeScaled', 8, corner]])
  })

  it('is a progressive file of fewer scans if sharp has to decode', async () => {
    const fails = ['decodeScaled', 'decode'] as const
    expect((await inputFor({ fails })).input).toBe('cut thumbnail')
    expect((await inputFor({ fails, metadata: { isProgressive: false } })).input).toBe('source thumbnail')
    expect((await inputFor({ fails: [...fails, 'cut'] })).input).toBe('source thumbnail')
  })

  it('is neither decoded at 1/8 nor cut for a larger size', async () => {
    const { calls, input } = await inputFor({ ops: [{ thumbnail: '80x60' }], fails: ['decodeScaled'] })
    expect(calls).toEqual([['decodeScaled', 4, { ...corner, width: 80, height: 60 }]])
    expect(input).toBe('source thumbnail')
  })

  it.each<[reason: string, given: Case]>([
    ['there is no FastCodec', { isFast: false }],
    ['it is no JPEG', { format: 'png' }],
    ['it has a gain map', { metadata: { gainMap: { image: Buffer.alloc(1) } } }],
    ['warnings count', { failOn: 'warning' }],
    ['it stays CMYK', { picture: { space: 'cmyk' } }],
    [
      'grey becomes RGB',
      { picture: { space: 'grey' }, ops: [{ thumbnail: 40 }, { pad: '5:background=red' }] },
    ],
    ['a crop follows', { ops: [{ resize: 40 }, { crop: '20x20' }] }],
    ['the pass does not scale first', { ops: [{ blur: 1 }] }],
    ['there is no operation', { ops: [] }],
  ])('is the source if %s', async (_, given) => {
    const { calls, input } = await inputFor(given)
    expect(calls).toEqual([])
    expect(input).toMatch(/^source/)
  })

  it.each<[reason: string, given: Case]>([
    ['of another space', { metadata: { space: 'cmyk' } }],
    ['whose orientation is kept', { options: { orientation: 6 } }],
    ['whose XMP is kept', { options: { xmp: '<x/>' } }],
    ['whose EXIF is kept', { metadata: { exif }, options: { keep: { ...NOTHING, copyright: true } } }],
    ['of unknown density', { options: { tellsDensity: true } }],
    ['of a density in EXIF', { options: { tellsDensity: true }, metadata: { density: 72, exif } }],
    [
      'of a density in cm',
      { options: { tellsDensity: true }, metadata: { density: 72, resolutionUnit: 'cm' } },
    ],
  ])('is a cut file, not pixels, for a source %s', async (_, given) => {
    expect(await inputFor(given)).toEqual({ calls: [['cut']], input: 'cut thumbnail' })
  })

  it('has the density in a TIFF if the output tells it', async () => {
    const metadata: Partial<Metadata> = { density: 96, resolutionUnit: 'inch' }
    expect((await inputFor({ metadata, options: { tellsDensity: true } })).input).toBe('TIFF scaled')
    expect((await inputFor({ metadata })).input).toBe('raw scaled')
  })

  it('is pixels if the EXIF is not kept', async () => {
    expect((await inputFor({ metadata: { exif } })).input).toBe('raw scaled')
    expect((await inputFor({ metadata: { exif }, options: { keep: { ...NOTHING, icc: true } } })).input).toBe(
      'raw scaled',
    )
  })
})
