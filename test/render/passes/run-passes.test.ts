import { describe, expect, it } from 'vitest'
import { withDefaults } from '../../../src/image/limits.js'
import type { Picture } from '../../../src/picture.js'
import type { PixelSource } from '../../../src/render/passes/types.js'
import { explainErrors } from '../../../src/render/passes/explain-errors.js'
import { checkOperations, refuseToRead, runPasses } from '../../../src/render/passes/run-passes.js'
import { openImage } from '../../../src/image/open-image.js'
import { passOptions as options, pictureOf, planned } from '../../support/planned.js'

const open = (bytes: Buffer) => openImage(bytes, { limits: withDefaults(), failOn: 'error' })

/** Three pixels: red, lime and blue. */
const row: PixelSource = {
  kind: 'raw',
  width: 3,
  height: 1,
  channels: 3,
  bytes: Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]),
}
const rowPicture: Picture = pictureOf({ width: 3, height: 1, shrinks: false })

describe('runPasses', () => {
  it('runs one pass after the other', async () => {
    const ops = [planned('flop'), planned('crop', '2x1@0x0'), planned('rotate', 90)]
    const { last, pass } = await runPasses(row, ops, rowPicture, withDefaults(), options)
    const { data, info } = await last.raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([1, 2])
    expect([...data]).toEqual([0, 0, 255, 0, 255, 0])
    expect(pass.from).toEqual({ ...rowPicture })
    expect(pass.to).toMatchObject({ width: 1, height: 2 })
    expect(pass.steps.map(({ operation }) => operation.name)).toEqual(['crop', 'rotate'])
  })

  it('checks operations when a pass has told their size', async () => {
    const ops = [planned('rotate', 45), planned('crop', '99x99')]
    const made = runPasses(row, ops, rowPicture, withDefaults(), options)
    await expect(made).rejects.toMatchObject({ code: 'INVALID_OPERATION' })
    await expect(made).rejects.toThrow(/^crop: 99x99 is larger than the picture, which is \dx\d here\.$/)
  })

  it('explains errors between passes', async () => {
    const image = await open(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="1"/>'))
    const source: PixelSource = { kind: 'source', image, bytes: Buffer.from('no image') }
    const made = runPasses(
      source,
      [planned('flop'), planned('crop', '2x1')],
      rowPicture,
      withDefaults(),
      options,
    )
    await expect(made).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT', stage: 'decode' })
  })
})

describe('checkOperations', () => {
  const check = (ops: Parameters<typeof checkOperations>[0], pixels = 1_000_000) => {
    checkOperations(ops, pictureOf(), withDefaults({ pixels }))
  }

  it('reports the first operation that cannot apply', () => {
    expect(() => {
      check([planned('rotate', 90), planned('crop', '400x300')])
    }).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPERATION',
        message: 'crop: 400x300 is larger than the picture, which is 300x400 here.',
      }),
    )
    expect(() => {
      check([planned('flip'), planned('crop', '400x300')])
    }).not.toThrow()
  })

  it('reports a result of too many pixels', () => {
    const enlarge = planned('resize', { width: 800, enlarge: true })
    expect(() => {
      check([enlarge], 480_000)
    }).not.toThrow()
    expect(() => {
      check([enlarge], 479_999)
    }).toThrow(
      expect.objectContaining({
        code: 'TOO_MANY_PIXELS',
        message: expect.stringMatching(/^resize would make 800x600,/),
      }),
    )
  })

  it('stops where the size depends on the pixels', () => {
    expect(() => {
      check([planned('trim'), planned('crop', '999x999')])
    }).not.toThrow()
    expect(() => {
      check([planned('crop', '999x999'), planned('trim')])
    }).toThrow('crop: 999x999 is larger')
  })
})

describe('explainErrors', () => {
  it('blames the source only in the pass that reads it', async () => {
    const image = await open(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="1"/>'))
    const fail = () => Promise.reject(new Error('something'))
    const source: PixelSource = { kind: 'source', image, bytes: image.bytes }
    await expect(explainErrors(fail(), source, 60)).rejects.toMatchObject({
      code: 'CORRUPT_IMAGE',
      stage: 'decode',
      message: expect.stringContaining('failOn none (--fail-on none)'),
    })
    await expect(explainErrors(fail(), row, 60)).rejects.toMatchObject({ code: 'INTERNAL', stage: 'render' })
    expect(await explainErrors(Promise.resolve(7), row, 60)).toBe(7)
  })

  it('ends after the seconds', async () => {
    const never = new Promise<never>(() => {})
    await expect(explainErrors(never, row, 0.01)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      stage: 'render',
    })
  })
})

describe('refuseToRead', () => {
  it('names the file', async () => {
    await expect(refuseToRead('logo.png')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      stage: 'read',
      path: 'logo.png',
      message: 'logo.png was not read: operations on this image have no access to files.',
    })
  })
})
