import type { OutputInfo, Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpContext } from '../../src/operations/define-operation.js'
import { freezeSearch, freezeTrim } from '../../src/operations/fix-animation-crop.js'
import type { Size } from '../../src/picture.js'
import { pictureOf } from '../support/planned.js'

const contextOf = (from: Size, to: Size): OpContext => ({
  from: pictureOf(from),
  to,
  read: () => Promise.reject(new Error('no files')),
})

/** Returns a pipeline with a known result. */
const frameOf = (info: Partial<OutputInfo>): Sharp =>
  ({ toBuffer: () => Promise.resolve({ data: Buffer.alloc(0), info }) }) as unknown as Sharp // only what is called

const square = { width: 100, height: 100 }

describe('freezeSearch', () => {
  const freeze = freezeSearch((image) => image)

  it.each<[string, Size, Partial<OutputInfo>, object, object]>([
    [
      'to the right',
      { width: 400, height: 200 },
      { cropOffsetLeft: -37, cropOffsetTop: 0 },
      { width: 200, height: 100 },
      { left: 37, top: 0 },
    ],
    [
      'down',
      { width: 200, height: 400 },
      { cropOffsetLeft: 0, cropOffsetTop: -61 },
      { width: 100, height: 200 },
      { left: 0, top: 61 },
    ],
    [
      'nowhere without offsets',
      { width: 400, height: 200 },
      {},
      { width: 200, height: 100 },
      { left: 0, top: 0 },
    ],
    [
      'at most to the right edge',
      { width: 400, height: 200 },
      { cropOffsetLeft: -101 },
      { width: 200, height: 100 },
      { left: 100, top: 0 },
    ],
    [
      'at most to the bottom',
      { width: 200, height: 400 },
      { cropOffsetTop: -101 },
      { width: 100, height: 200 },
      { left: 0, top: 100 },
    ],
    [
      'not beyond the left edge',
      { width: 400, height: 200 },
      { cropOffsetLeft: 5, cropOffsetTop: 5 },
      { width: 200, height: 100 },
      { left: 0, top: 0 },
    ],
  ])('scales, and moves the crop %s', async (_, from, info, scaled, moved) => {
    expect(await freeze([frameOf(info)], contextOf(from, square))).toEqual([
      { resize: { ...scaled, fit: 'fill', enlarge: true } },
      { crop: { ...square, ...moved } },
    ])
  })

  it('searches the first frame only', async () => {
    const seen: Sharp[] = []
    const [first, second] = [frameOf({}), frameOf({})]
    const search = freezeSearch((image) => {
      seen.push(image)
      return image
    })
    await search([first, second], contextOf(square, square))
    expect(seen).toEqual([first])
  })

  it('returns no operations without frames', async () => {
    expect(await freeze([], contextOf(square, square))).toEqual([])
  })
})

describe('freezeTrim', () => {
  it('crops to the box around the trimmed parts of all frames', async () => {
    const frames = [
      frameOf({ trimOffsetLeft: -10, trimOffsetTop: -30, width: 20, height: 25 }),
      frameOf({ trimOffsetLeft: -15, trimOffsetTop: -20, width: 30, height: 12 }),
    ]
    const ops = await freezeTrim((image) => image)(frames, contextOf(square, square))
    expect(ops).toEqual([{ crop: { left: 10, top: 20, width: 35, height: 35 } }])
  })

  it('takes missing offsets for 0', async () => {
    const frames = [frameOf({ trimOffsetLeft: -5, trimOffsetTop: -6, width: 5, height: 4 }), frameOf(square)]
    const ops = await freezeTrim((image) => image)(frames, contextOf(square, square))
    expect(JSON.stringify(ops)).toBe('[{"crop":{"left":0,"top":0,"width":100,"height":100}}]')
  })
})
