import { describe, expect, it } from 'vitest'
import { createByteBudget } from '../../../src/http/request/byte-budget.js'
import { decodeBase64 } from '../../../src/http/request/decode-base64.js'
import { preferredWait } from '../../../src/http/request/prefer-wait.js'
import { parseUploadSettings } from '../../../src/http/request/upload-settings.js'
import { cleanFilename } from '../../../src/http/uploads/clean-filename.js'

describe('decodeBase64', () => {
  it.each([
    ['aGVsbG8=', 'hello'],
    ['aGVsbG8', 'hello'],
    ['aGVs\r\nbG8=\n', 'hello'],
    ['_-8=', '\xff\xef'],
    ['data:image/png;base64,aGVsbG8=', 'hello'],
    ['', ''],
  ])('decodes %j', (text, expected) => {
    expect(decodeBase64(text).toString('latin1')).toBe(expected)
  })

  it.each([
    ['aGV*bG8=', '"*" at character 4'],
    ['aGVs\r\nb*8=', '"*" at character 8'],
    ['data:a/b;base64,aG!s', '"!" at character 19'],
    ['aG=sbG8=', '"=" at character 3'],
    ['aGVsb', 'cut off at character 5'],
    ['aGVsbG8==', 'cut off at character 9'],
    ['aGVs bG8=', '" " at character 5'],
  ])('tells where %j is wrong', (text, expected) => {
    expect(() => decodeBase64(text)).toThrow(expect.objectContaining({ code: 'INVALID_USAGE' }))
    expect(() => decodeBase64(text)).toThrow(expected)
  })
})

describe('preferredWait', () => {
  it.each([
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['WAIT="7"; foo', 7],
    ['wait=3600', 50],
    ['wait=-1', undefined],
    ['waiting=3', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (header, expected) => {
    expect(preferredWait(header)).toBe(expected)
  })
})

describe('parseUploadSettings', () => {
  const defaults = { presets: ['web'], ttl: undefined, deleteAfterDownload: false }
  const parse = (...fields: [name: string, value: string][]) =>
    parseUploadSettings(
      fields.map(([name, value]) => ({ name, value })),
      defaults,
    )

  it('adds up presets, and takes the last of other values', () => {
    expect(parse(['preset', 'thumb, card'], ['preset', 'thumb'], ['ttl', '60'], ['ttl', '2d'])).toEqual({
      presets: ['web', 'thumb', 'card'],
      priority: 'normal',
      ttl: 172_800,
      deleteAfterDownload: false,
    })
  })

  it.each([
    ['ttl', '0'],
    ['ttl', '1.5'],
    ['ttl', '-3h'],
    ['ttl', '99999999999d'],
    ['priority', 'HIGH'],
    ['deleteAfterDownload', 'maybe'],
    ['prioritty', 'high'],
  ])('refuses %s of %j', (name, value) => {
    expect(() => parse([name, value])).toThrow(expect.objectContaining({ code: 'INVALID_USAGE' }))
  })
})

describe('cleanFilename', () => {
  it.each([
    ['C:\\photos\\a.jpg', 'a.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['..', 'image.jpg'],
    ['', 'image.jpg'],
    [undefined, 'image.jpg'],
    ['a\u202Egpj.exe', 'agpj.exe'],
    ['line\r\nbreak.jpg', 'linebreak.jpg'],
    ['\ud800.jpg', '\ufffd.jpg'],
    [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(195)}.jpeg`],
  ])('makes %j into %j', (name, expected) => {
    expect(cleanFilename(name, 'jpeg')).toBe(expected)
  })
})

describe('createByteBudget', () => {
  it('gives memory in the order of the requests, and as much as there is', async () => {
    const budget = createByteBudget(10, 5)
    const first = await budget.take(8)
    const order: string[] = []
    const second = budget.take(5).then((release) => {
      order.push('second')
      return release
    })
    const third = budget.take(2).then((release) => {
      order.push('third')
      return release
    })
    await new Promise(setImmediate)
    expect(order).toEqual([])
    first()
    first()
    await Promise.all([second, third])
    expect(order).toEqual(['second', 'third'])
    ;(await second)()
    ;(await third)()
    const whole = await budget.take(999)
    whole()
  })

  it('refuses more waiting requests than may, and forgets one that has gone', async () => {
    const budget = createByteBudget(10, 1)
    const release = await budget.take(10)
    const client = new AbortController()
    const waiting = budget.take(1, client.signal)
    await expect(budget.take(1)).rejects.toMatchObject({ code: 'OVERLOADED' })
    client.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    const next = budget.take(1)
    release()
    ;(await next)()
  })
})
