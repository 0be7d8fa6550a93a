import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FailOn } from '../../../src/image/types.js'
import { toImgprocError } from '../../../src/errors.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { run } from '../../../src/run/run.js'
import { transform } from '../../../src/transform.js'
import { countCuts, makeBaseline, makeCutting, makeProgressive } from '../../support/jpeg-cuts.js'
import { scansOf } from '../../support/jpeg-tools.js'
import { makeProject } from '../../support/project.js'
import { insert, makeCorner, makeUltraHdr } from '../../support/ultra-hdr.js'

describe('faster decoding at 1/8', () => {
  const side = fc.integer({ min: 1, max: 45 })
  const first = fc.oneof<fc.Arbitrary<ImageOp>[]>(
    fc.record({ width: side, height: side }).map((thumbnail) => ({ thumbnail })),
    fc
      .record({ width: side, height: side, fit: fc.constant('cover' as const) })
      .map((thumbnail) => ({ thumbnail })),
    fc.record({ width: side }).map((resize) => ({ resize })),
    fc
      .record({
        width: side,
        height: side,
        fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
      })
      .map((resize) => ({ resize })),
  )
  const before = fc.constantFrom<ImageOp[]>(
    [],
    [],
    [{ flip: true }],
    [{ rotate: 90 }],
    [{ rotate: 180 }],
    [{ grayscale: true }],
  )
  const after = fc.constantFrom<ImageOp[]>(
    [],
    [],
    [{ blur: 1 }],
    [{ pad: { top: 3, background: 'red' } }],
    [{ crop: { width: '50%', height: '50%' } }],
    [{ sharpen: 1 }, { normalize: true }],
    [{ tint: 'navy' }, { negate: true }],
    [{ threshold: 100 }],
    [{ round: 4 }],
    [{ median: 3 }, { clahe: 8 }],
  )
  const source = fc.record({
    width: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 200, max: 400 })),
    height: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 200, max: 400 })),
    orientation: fc.integer({ min: 1, max: 8 }),
    cmyk: fc.constantFrom(false, false, false, true),
  })

  it('gives the same file as sharp for random sizes and operations', async () => {
    let cuts = 0
    const autoOrient = fc.boolean()
    const encode = fc.constantFrom(makeProgressive, makeBaseline)
    await fc.assert(
      fc.asyncProperty(
        source,
        encode,
        autoOrient,
        before,
        first,
        after,
        async (from, makeSource, upright, ahead, scaling, behind) => {
          const ops: ImageOp[] = [{ autoOrient: upright }, ...ahead, scaling, ...behind]
          cuts += await outcome(countCuts(await makeSource(from), ops))
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    )
    expect(cuts).toBeGreaterThan(0)
  })

  it('gives the same file as sharp around the size at which sharp begins to decode at 1/8', async () => {
    for (const [width, height] of [
      [360, 270],
      [359, 270],
      [361, 271],
      [360, 269],
      [323, 400],
      [324, 400],
    ] as const) {
      const files = [await makeProgressive({ width, height }), await makeBaseline({ width, height })]
      for (const to of [
        { width: 40, height: 30 },
        { width: 39, height: 30 },
        { width: 41, height: 30 },
        { width: 36, height: 44 },
      ]) {
        const expected = width >= to.width * 9 && height >= to.height * 9 ? 1 : 0
        for (const bytes of files) {
          // Only for the default kernel are pixels scaled too, and from other scales.
          const ops: ImageOp[] = [{ resize: { ...to, fit: 'fill', kernel: 'cubic' } }]
          expect(await countCuts(bytes, ops)).toBe(expected)
          expect(await countCuts(bytes, [{ resize: { ...to, fit: 'fill' } }])).toBe(1)
        }
      }
    }
  })

  it.each<FailOn>(['none', 'truncated', 'error', 'warning'])(
    'gives the same picture or error as sharp for truncated files with failOn: %s',
    async (failOn) => {
      const ops: ImageOp[] = [{ thumbnail: '30x30' }, { format: 'png' }]
      for (const bytes of [await makeProgressive(), await makeBaseline()]) {
        for (let share = 0.3; share < 1; share += 0.1) {
          const part = bytes.subarray(0, bytes.length * share)
          const [cut, whole] = [
            await result(makeCutting(part, ops, true, failOn)),
            await result(makeCutting(part, ops, false, failOn)),
          ]
          expect(cut).toEqual(whole)
          expect(typeof whole).toBe(failOn === 'none' ? 'object' : 'string')
        }
      }
    },
  )

  it('gives the same file as sharp if other pictures follow the first', async () => {
    for (const bytes of [await makeProgressive(), await makeBaseline()]) {
      const several = Buffer.concat([insert(bytes, app2('MPF\0II*\0')), bytes])
      expect(await countCuts(several, [{ thumbnail: '30x30' }])).toBe(1)
      const withMap = makeUltraHdr(bytes, await makeCorner(100, 75))
      expect(await countCuts(withMap, [{ thumbnail: '30x30' }])).toBe(0)
      const keeping: ImageOp[] = [{ metadata: 'gainmap' }, { thumbnail: '30x30' }, { format: 'jpeg' }]
      expect((await makeCutting(withMap, keeping, true)).count).toBe(0)
    }
  })
})

describe('scans of a progressive JPEG that are not needed at 1/8', () => {
  it('may be damaged in transform and run', async () => {
    const project = await makeProject()
    const damaged = await makeProgressive()
    const [, start, end] = scansOf(damaged)
    // Invalid codes: libvips gives up after a hundred of them.
    damaged.fill('ff00', start! + 10, start! + 10 + 2 * Math.floor((end! - start! - 300) / 2), 'hex')
    await project.write('damaged.jpg', damaged)
    await expect(makeCutting(damaged, [{ thumbnail: '30x30' }], false)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
    })

    const ops: ImageOp[] = [{ thumbnail: '30x30' }, { format: 'png' }]
    const { data } = await transform(damaged, ops)
    expect(data.equals((await makeCutting(await makeProgressive(), ops, false)).data)).toBe(true)
    await run({ cwd: project.path, inputs: ['damaged.jpg'], ops, out: 'out' }).summary
    expect((await readFile(project.at('out/damaged.png'))).equals(data)).toBe(true)
    await expect(transform(damaged, ops, { failOn: 'warning' })).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
    })
  })
})

/** Returns the count; 0 if the operations are invalid for the picture, such as a region larger than it. */
async function outcome(count: Promise<number>): Promise<number> {
  return count.catch((error: unknown) => {
    if (toImgprocError(error).code === 'INVALID_OPERATION') return 0
    throw error
  })
}

async function result(made: Promise<{ data: Buffer }>): Promise<Buffer | string> {
  return made.then(
    ({ data }) => data,
    (error: unknown) => toImgprocError(error).message,
  )
}

function app2(text: string): Buffer {
  const head = Buffer.from([0xff, 0xe2, 0, text.length + 2])
  return Buffer.concat([head, Buffer.from(text, 'latin1')])
}
