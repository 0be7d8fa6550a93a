import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextPass, type PixelOperation } from '../../../src/render/passes/plan-passes.js'
import { renderRendition } from '../../../src/render/render-rendition.js'
import { toRecipe } from '../../../src/render/recipe.js'
import { toImgprocError } from '../../../src/errors.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { readOps } from '../../../src/operations/parse-operations.js'
import { difference, makePicture, open, pixelsOf, type Kind } from '../../support/pictures.js'
import { pictureOf } from '../../support/planned.js'

const percent = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => `${n}%` as const)
const side = fc.integer({ min: 12, max: 120 })
const colour = fc.constantFrom('white', 'black', 'ff8800', '808080', 'transparent')
const at = fc.constantFrom('centre', 'north', 'southeast', 'left')
const focus = fc.oneof(at, fc.constantFrom('30%x80%' as const, '20%x10%@60%x0%' as const, 'metadata'))

const anyOp: fc.Arbitrary<ImageOp> = fc.oneof(
  fc.record({ width: side, height: side }).map((thumbnail) => ({ thumbnail })),
  fc
    .record({ width: side, height: side, fit: fc.constant('cover' as const), position: focus })
    .map((thumbnail) => ({ thumbnail })),
  fc.record({ width: side, enlarge: fc.boolean() }).map((resize) => ({ resize })),
  fc
    .record({
      width: side,
      height: side,
      fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
      background: colour,
      position: at,
    })
    .map((resize) => ({ resize })),
  fc.record({ width: side, height: side, position: focus }).map((resize) => ({ resize })),
  percent(40, 100).map((resize) => ({ resize })),
  fc
    .record({ width: percent(40, 90), height: percent(40, 90), left: percent(0, 10), top: percent(0, 10) })
    .map((crop) => ({ crop })),
  fc.record({ aspect: fc.constantFrom('1/1', '16/9', '2/3'), position: focus }).map((crop) => ({ crop })),
  fc.constantFrom(0, 90, 180, 270, -90).map((rotate) => ({ rotate })),
  fc.record({ angle: fc.constantFrom(15, -40), background: colour }).map((rotate) => ({ rotate })),
  fc.constant({ flip: true as const }),
  fc.constant({ flop: true as const }),
  fc.constantFrom('white', 'ff8800').map((flatten) => ({ flatten })),
  fc.constant({ grayscale: true as const }),
  fc.constantFrom(0.5, 1.5, 4).map((blur) => ({ blur })),
  fc.constantFrom(0.5, 1.5).map((sharpen) => ({ sharpen })),
  fc.constantFrom(0, 40).map((threshold) => ({ trim: { threshold, background: 'black' } })),
  fc
    .record({ top: fc.nat(9), left: fc.integer({ min: 1, max: 9 }), background: colour })
    .map((pad) => ({ pad })),
  fc
    .record({ right: fc.integer({ min: 1, max: 5 }), fill: fc.constantFrom('mirror', 'copy', 'repeat') })
    .map((pad) => ({ pad })),
  fc.record({ aspect: fc.constantFrom('1/1', '2/1'), background: colour }).map((pad) => ({ pad })),
  fc.constantFrom(5, '20%' as const, '50%' as const).map((round) => ({ round })),
  fc.constantFrom(2, 3).map((median) => ({ median })),
  fc.constantFrom<ImageOp>({ negate: true }, { normalize: true }),
  fc
    .record({
      brightness: fc.constantFrom(0.8, 1.2),
      saturation: fc.constantFrom(0.5, 1.5),
      hue: fc.constantFrom(0, 90),
    })
    .map((modulate) => ({ modulate })),
  fc.constantFrom(1.5, 2.2).map((gamma) => ({ gamma })),
  fc.constantFrom(0.7, 1.4).map((contrast) => ({ contrast })),
  fc.constantFrom(90, 140).map((threshold) => ({ threshold })),
  fc.constantFrom('ffb050', 'navy').map((tint) => ({ tint })),
  fc.constantFrom(8, 12).map((clahe) => ({ clahe })),
  fc.constantFrom<ImageOp>(
    { recomb: 'sepia' },
    { recomb: { matrix: [0.9, 0.1, 0, 0, 1, 0, 0.2, 0, 0.8], amount: 0.7 } },
    { duotone: 'navy:ffcc66' },
    { linear: { a: 1.2, b: -10 } },
    { linear: { a: [1.1, 1, 0.9], b: [0, 5, -5] } },
    { unflatten: true },
    { pixelate: 5 },
    { pixelate: { size: 7, regions: ['50%x40%@10%x30%', '10x10@0x0'] } },
    { affine: { matrix: [1, 0.3, 0, 1], background: 'white' } },
    { affine: { matrix: [0.8, 0, 0.1, 0.9] } },
    { pad: { aspect: '2/1', fill: 'blur' } },
    { pad: { left: 7, fill: 'average' } },
    { composite: { colour: 'ff8800', width: '40%', height: 9, left: -5, top: '50%', opacity: 0.5 } },
    {
      composite: { image: 'fixtures/photos/alpha.png', width: '50%', position: 'southeast', blend: 'screen' },
    },
  ),
  fc
    .record({
      opacity: fc.constantFrom(0.5, 1),
      scale: fc.constantFrom(0.3, 1),
      tile: fc.boolean(),
      position: at,
    })
    .map((mark) => ({ watermark: { image: 'fixtures/photos/alpha.png', ...mark } })),
)

/** Runs every operation alone, on the lossless result of the one before. */
async function stepByStep(source: Buffer, ops: readonly ImageOp[]): Promise<Buffer> {
  let bytes = source
  for (const op of ops) bytes = (await renderRendition(await open(bytes), [op, { format: 'png' }])).data
  return bytes
}

/** Returns the picture, or the code of the error. */
async function outcome(work: Promise<Buffer>): Promise<Buffer | string> {
  return work.catch((error: unknown) => toImgprocError(error).code)
}

describe.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('random lists of operations on %s', (kind) => {
  it('give the size and pixels of the same operations run one by one', async () => {
    const source = await makePicture(kind)
    const image = await open(source)
    await fc.assert(
      fc.asyncProperty(fc.array(anyOp, { minLength: 2, maxLength: 5 }), async (ops) => {
        const [together, apart] = await Promise.all([
          outcome(renderRendition(image, [...ops, { format: 'png' }]).then(({ data }) => data)),
          outcome(stepByStep(source, ops)),
        ])
        // An invalid operation, such as a region larger than the picture, fails both ways.
        if (typeof together === 'string' || typeof apart === 'string') {
          return together === 'INVALID_OPERATION' && apart === 'INVALID_OPERATION'
        }
        const [a, b] = await Promise.all([pixelsOf(together), pixelsOf(apart)])
        expect([a.width, a.height]).toEqual([b.width, b.height])
        const { max, mean } = difference(a, b)
        expect(max <= 2 || mean < 0.3, `max ${max}, mean ${mean}`).toBe(true)
        return true
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60) },
    )
  })
})

describe('clahe behind sharpen', () => {
  it.each<Kind>(['rgb', 'grey'])('gives the pixels of both run one by one on %s', async (kind) => {
    const source = await makePicture(kind)
    const ops: ImageOp[] = [{ sharpen: 0.5 }, { clahe: 8 }]
    const { data } = await renderRendition(await open(source), [...ops, { format: 'png' }])
    const [a, b] = await Promise.all([pixelsOf(data), pixelsOf(await stepByStep(source, ops))])
    expect(difference(a, b).max).toBe(0)
  })
})

const photo = pictureOf({ width: 4000, height: 3000 })

/** Returns the names of the operations of each pass. */
function passesOf(ops: readonly ImageOp[], from = photo): string[][] {
  const passes: string[][] = []
  let rest: readonly PixelOperation[] = toRecipe(readOps(ops)).pixels
  let picture = from
  while (rest.length > 0) {
    const pass = nextPass(rest, picture)
    passes.push(pass.steps.map((step) => step.operation.name))
    rest = pass.rest
    picture = { ...pass.to, shrinks: false }
  }
  return passes
}

describe('nextPass', () => {
  it('puts operations into one pass if sharp runs them in the written order', () => {
    expect(passesOf([{ thumbnail: 100 }, { rotate: 90 }, { sharpen: 1 }])).toEqual([
      ['thumbnail', 'rotate', 'sharpen'],
    ])
    expect(passesOf([{ crop: '400x300@0x0' }, { resize: 200 }, { crop: '100x100' }, { blur: 1 }])).toEqual([
      ['crop', 'resize', 'crop', 'blur'],
    ])
  })

  it('starts a new pass if sharp would run the next operation too early', () => {
    expect(passesOf([{ blur: 1 }, { resize: 100 }])).toEqual([['blur'], ['resize']])
    expect(passesOf([{ resize: 800 }, { resize: 100 }])).toEqual([['resize'], ['resize']])
    expect(passesOf([{ flip: true }, { crop: '10x10' }])).toEqual([['flip'], ['crop']])
    expect(
      passesOf([{ rotate: 90 }, { crop: '2000x1000' }, { resize: 400 }, { blur: 2 }, { resize: 200 }]),
    ).toEqual([['rotate'], ['crop', 'resize', 'blur'], ['resize']])
  })

  it('moves a scaling before turns if the decoder can shrink on load', () => {
    expect(passesOf([{ rotate: 90 }, { flip: true }, { thumbnail: 100 }])).toEqual([
      ['rotate'],
      ['flip'],
      ['thumbnail'],
    ])
    expect(passesOf([{ rotate: 90 }, { thumbnail: 100 }])).toEqual([['thumbnail', 'rotate']])
    const [first] = nextPass(toRecipe(readOps([{ rotate: 90 }, { thumbnail: 100 }])).pixels, photo).steps
    expect(first?.to).toMatchObject({ width: 100, height: 75 })
  })

  it('plans the same passes every time', () => {
    fc.assert(
      fc.property(fc.array(anyOp, { maxLength: 6 }), (ops) => {
        expect(passesOf(ops)).toEqual(passesOf(structuredClone(ops)))
        const names: (string | undefined)[] = ops.map((op) => Object.keys(op)[0])
        for (const name of passesOf(ops).flat()) expect(names.splice(names.indexOf(name), 1)).toEqual([name])
      }),
    )
  })
})
