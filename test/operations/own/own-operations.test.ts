import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineOperation,
  run,
  transform,
  type ImageOp,
  type AnyOwnOperation,
  type OwnOperation,
} from '../../../src/index.js'
import { allOperations, parseOp, readOps } from '../../../src/operations/parse-operations.js'
import { forgetOperations, registerOperation } from '../../../src/operations/own/own-operations.js'
import { hashRecipe } from '../../../src/plan/recipe-hash.js'
import { opOf } from '../../support/inputs.js'
import { makePicture, pixelsOf, type Kind } from '../../support/pictures.js'
import { makeProject } from '../../support/project.js'

const level = defineOperation({
  name: 'testLevel',
  summary: 'Adds to every channel.',
  version: 1,
  params: z.strictObject({ by: z.number().min(0).max(255).default(10).describe('Levels to add.') }),
  shorthand: (by) => ({ by }),
  example: 20,
  apply(pixels, { by }) {
    const { data, channels, depth } = pixels
    for (let at = 0; at < data.length; at++)
      if (at % channels < 3)
        data[at] = Math.min(depth === 16 ? 65535 : 255, data[at]! + by * (depth === 16 ? 257 : 1))
    return pixels
  },
})

const stretch = defineOperation({
  name: 'testStretch',
  summary: 'Repeats each column.',
  version: '2',
  params(input): { times: number } {
    const { times } = input as { times?: number }
    if (times === undefined || !Number.isInteger(times) || times < 1)
      throw new Error('times: expected a whole number')
    return { times }
  },
  size: ({ width, height }, { times }) => ({ width: width * times, height }),
  apply({ data, width, height, channels, depth }, { times }) {
    const out = depth === 16 ? new Uint16Array(data.length * times) : new Uint8Array(data.length * times)
    for (let pixel = 0; pixel < width * height; pixel++)
      for (let copy = 0; copy < times; copy++)
        out.set(data.subarray(pixel * channels, (pixel + 1) * channels), (pixel * times + copy) * channels)
    return { data: out, width: width * times, height, channels, depth }
  },
})

/** Operations as the compiler would know them after a declaration of OwnOpInputs. */
function ops(...list: readonly Record<string, unknown>[]): readonly ImageOp[] {
  return list as unknown as readonly ImageOp[] // declared by no test
}

function make(source: Buffer, list: readonly ImageOp[], ...own: readonly AnyOwnOperation[]) {
  return transform(source, list, { operations: Object.fromEntries(own.map((one) => [one.name, one])) })
}

afterEach(forgetOperations)

describe('an operation of a user', () => {
  it.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])(
    'gets the pixels of %s, and leaves alpha as it was',
    async (kind) => {
      const source = await makePicture(kind)
      const { data } = await make(source, ops({ testLevel: 20 }, { format: 'png' }), level)
      const [before, after] = [await pixelsOf(source), await pixelsOf(data)]
      expect([after.width, after.height]).toEqual([before.width, before.height])
      const largest = Math.max(...before.data)
      const isDeep = largest > 255
      const [max, step] = isDeep ? [65535, 20 * 257] : [255, 20]
      for (let at = 0; at < before.data.length; at += 97) {
        const expected = at % 4 === 3 ? before.data[at]! : Math.min(max, before.data[at]! + step)
        expect(Math.abs(after.data[at]! - expected)).toBeLessThanOrEqual(isDeep ? 257 : 1)
      }
      expect((await sharp(data).metadata()).depth).toBe(kind === 'deep' ? 'ushort' : 'uchar')
    },
  )

  it('runs in the written order, with a size of its own, as the same operations one by one', async () => {
    const source = await makePicture('rgba')
    const list = ops(
      { thumbnail: 40 },
      { testStretch: { times: 2 } },
      { rotate: 90 },
      { testLevel: true },
      { blur: 1 },
      { testLevel: 'by=5' },
    )
    const { data, info } = await make(source, [...list, { format: 'png' }], level, stretch)
    let apart = source
    for (const op of list) apart = (await make(apart, [op, { format: 'png' }], level, stretch)).data
    const [a, b] = [await pixelsOf(data), await pixelsOf(apart)]
    expect([info.width, info.height]).toEqual([a.width, a.height])
    expect([a.width, a.height]).toEqual([27, 80])
    expect(Math.max(...a.data.map((value, at) => Math.abs(value - b.data[at]!)))).toBeLessThanOrEqual(2)
  })

  it('runs on each frame of an animation', async () => {
    const source = sharp('fixtures/photos/animated.gif', { animated: true })
    const before = await source.metadata()
    const { data, info } = await make(
      await source.toBuffer(),
      ops({ testStretch: 'times=2' }, { format: 'webp' }),
      stretch,
    )
    expect(info).toMatchObject({ width: 2 * before.width, height: before.pageHeight, pages: before.pages })
    expect((await sharp(data).metadata()).delay).toEqual(before.delay)
  })

  it('keeps a profile that the list keeps', async () => {
    const photo = await sharp('fixtures/photos/display-p3.jpg').keepIccProfile().png().toBuffer()
    const { data } = await make(photo, ops({ testLevel: 0 }, { metadata: ['icc'] }, { format: 'png' }), level)
    const [a, b] = [await sharp(data).metadata(), await sharp(photo).metadata()]
    expect(a.icc?.equals(b.icc!)).toBe(true)
    const raw = (bytes: Buffer) => sharp(bytes).keepIccProfile().removeAlpha().raw().toBuffer()
    expect((await raw(data)).equals(await raw(photo))).toBe(true)
  })

  it('may add and remove alpha as it announces', async () => {
    const addAlpha = defineOperation({
      name: 'testAddAlpha',
      summary: 'Adds alpha.',
      version: 1,
      channels: () => 4,
      apply({ data, width, height, depth, channels }) {
        const out = new Uint8Array(width * height * 4)
        for (let at = 0; at < width * height; at++)
          out.set([data[at * channels]!, data[at * channels + 1]!, data[at * channels + 2]!, 128], at * 4)
        return { data: out, width, height, channels: 4, depth }
      },
    })
    const { data } = await make(await makePicture('rgb'), ops({ testAddAlpha: true }), addAlpha)
    expect((await pixelsOf(data)).data[3]).toBe(128)
    const jpeg = await make(
      await makePicture('rgb'),
      ops({ testAddAlpha: true }, { format: 'jpeg' }),
      addAlpha,
    )
    expect(jpeg.info).toMatchObject({ format: 'jpeg', channels: 3 })
  })
})

describe('the parameters of an operation of a user', () => {
  it('are checked by a Standard Schema or a function, as text and as values', () => {
    registerOperation('testLevel', level, './level.ts')
    registerOperation('testStretch', stretch, './stretch.ts')
    const paramsOf = (item: ImageOp) => readOps([item])[0]?.params
    expect(paramsOf(opOf('testLevel', true))).toEqual({ by: 10 })
    expect(paramsOf(opOf('testLevel', '7'))).toEqual({ by: 7 })
    expect(paramsOf(parseOp('testLevel', '7'))).toEqual({ by: 7 })
    expect(paramsOf(parseOp('testLevel', 'by=7'))).toEqual({ by: 7 })
    expect(paramsOf(parseOp('testStretch', 'times=3'))).toEqual({ times: 3 })
  })

  it.each([
    ['testLevel', { by: 'x' }, /^testLevel: by: .*expected number/],
    ['testLevel', 300, /^testLevel: .*255/],
    ['testLevel', { bi: 1 }, /^testLevel: .*"bi"/],
    ['testStretch', { times: 0 }, /^testStretch: times: expected a whole number/],
    ['testStretch', true, /^testStretch: times: expected a whole number/],
  ])('refuse %s %j', (name, input, message) => {
    registerOperation('testLevel', level, './level.ts')
    registerOperation('testStretch', stretch, './stretch.ts')
    expect(() => readOps([opOf(name, input)])).toThrow(message)
  })

  it('refuse a schema that is asynchronous', () => {
    const params = z.object({}).refine(async () => Promise.resolve(true))
    registerOperation(
      'testAsync',
      { name: 'testAsync', summary: 'x', version: 1, params, apply: () => {} },
      'a.js',
    )
    expect(() => readOps([opOf('testAsync', {})])).toThrow(/asynchronous/)
  })

  it('are shown with the description that their library makes', () => {
    registerOperation('testLevel', level, './level.ts')
    const op = allOperations().find(({ name }) => name === 'testLevel')
    const { properties } = z.toJSONSchema(op!.params, { io: 'input', unrepresentable: 'any' })
    expect(properties?.['by']).toMatchObject({ description: 'Levels to add.', default: 10 })
  })
})

describe('registering an operation', () => {
  const own = { name: 'testOwn', summary: 'x', version: 1, apply: () => {} }
  it.each([
    ['testOwn', { ...own, apply: 1 }, /exports no operation \(an object with a function apply\)/],
    ['resize', { ...own, name: 'resize' }, /imgproc has an operation of that name/],
    ['width', { ...own, name: 'width' }, /another meaning in URLs/],
    ['other', own, /its name is "testOwn". Register it under that name/],
    ['test-own', { ...own, name: 'test-own' }, /letters and digits/],
    ['testOwn', { ...own, version: undefined }, /no version/],
    ['testOwn', { ...own, summary: '' }, /no summary/],
    ['testOwn', { ...own, size: {} }, /its size is not a function/],
    ['testOwn', { ...own, params: {} }, /neither a Standard Schema nor a function/],
  ])('refuses %s %j', (name, value, message) => {
    expect(() => registerOperation(name, value, './own.js')).toThrow(message)
  })

  it('replaces the same version, and refuses another one in the same process', () => {
    registerOperation('testOwn', own, './own.js')
    registerOperation('testOwn', { ...own }, './own.js')
    expect(() => registerOperation('testOwn', { ...own, version: 2 }, './new.js')).toThrow(
      /has it in version 1 from \.\/own\.js, and now gets version 2 from \.\/new\.js/,
    )
  })

  it('puts the version into the recipe', () => {
    const versioned = (name: string, version: number) => ({ ...own, name, version })
    registerOperation('testFirst', versioned('testFirst', 1), 'a.js')
    registerOperation('testSecond', versioned('testSecond', 2), 'a.js')
    const hashOf = (name: string) => hashRecipe([opOf(name, true)])
    expect(hashOf('testFirst')).not.toBe(hashOf('testSecond'))
  })
})

describe('a faulty operation', () => {
  const faulty = (name: string, part: Partial<OwnOperation>): AnyOwnOperation =>
    ({ name, summary: 'x', version: 1, apply: (pixels: unknown) => pixels, ...part }) as AnyOwnOperation
  const wrong: readonly (readonly [string, Partial<OwnOperation>, RegExp])[] = [
    ['testThrows', { apply: () => { throw new Error('no luck') } }, /^testThrows \(given as an object\) failed: no luck$/],
    ['testRejects', { apply: () => Promise.reject(new Error('no luck')) }, /failed: no luck/],
    ['testNothing', { apply: () => undefined as never }, /returned nothing, not pixels/],
    ['testSize', { apply: (pixels) => ({ ...pixels, width: 5 }) }, /returned 5x64 pixels, but its size rule says 96x64/],
    ['testBytes', { apply: (pixels) => ({ ...pixels, data: pixels.data.subarray(1) }) }, /returned 18431 values for 96x64 pixels of 3 channels, which are 18432/],
    ['testChannels', { apply: (pixels) => ({ ...pixels, channels: 4 }) }, /returned 4 channels, not the 3/],
    ['testDepth', { apply: (pixels) => ({ ...pixels, depth: 16 }) }, /returned 16 bits per channel, not 8/],
    ['testType', { apply: (pixels) => ({ ...pixels, data: [...pixels.data] as never }) }, /no Uint8Array/],
    ['testRule', { size: () => ({ width: 0.5, height: 1 }) }, /wrong size rule: for 96x64 it returned \{"width":0\.5/],
    ['testRuleThrows', { size: () => { throw new Error('bad rule') } }, /failed in its size rule: bad rule/],
  ] // prettier-ignore
  it.each(wrong)('%s is INVALID_OPERATION with its name, module and fault', async (name, part, message) => {
    await expect(
      make(await makePicture('rgb'), ops({ [name]: true }), faulty(name, part)),
    ).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringMatching(message),
    })
  })

  it('that never ends is TIMED_OUT', async () => {
    const operations = { testNever: faulty('testNever', { apply: () => new Promise(() => {}) }) }
    const work = transform(await makePicture('rgb'), ops({ testNever: true }), {
      operations,
      limits: { seconds: 1 },
    })
    await expect(work).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'testNever (given as an object) took longer than 1 seconds (limits.seconds, --timeout).',
    })
  })

  it('fails its image, and the rest of the batch goes on', async () => {
    const project = await makeProject()
    await project.write('a.png', await makePicture('rgb'))
    await project.write('b.png', await makePicture('rgb', 50, 50))
    const operations = {
      testPicky: faulty('testPicky', {
        apply(pixels) {
          if (pixels.width > 60) throw new Error('too wide')
          return pixels
        },
      }),
    }
    const { failures, renditions } = await run({
      cwd: project.path,
      inputs: '*.png',
      out: 'out',
      ops: ops({ testPicky: true }),
      operations,
    })
    expect(renditions.written).toBe(1)
    expect(failures).toMatchObject([
      { path: 'a.png', error: { code: 'INVALID_OPERATION', message: expect.stringContaining('too wide') } },
    ])
  })
})
