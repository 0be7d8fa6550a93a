import { describe, expect, it } from 'vitest'
import {
  resultName,
  resultPath,
  toCommand,
  toConfig,
  toCurl,
  type Picture,
} from '../../../demo/export-lines.js'
import type { Step } from '../../../demo/flatten-steps.js'
import { createPageSettings } from '../../../src/http/demo/page-settings.js'
import { configSchema } from '../../../src/config/schema.js'

const settings = createPageSettings({
  presets: {
    tall: { ops: [{ crop: '1:2' }], widths: [100, 200], after: [{ sharpen: 1 }], formats: ['avif', 'webp'] },
  },
  sources: new Map(),
  onlyPresets: false,
})
const upload: Picture = { kind: 'upload', id: 'ID', name: 'a b.jpg', format: 'jpeg' }
const source: Picture = { kind: 'source', path: 'photos/a%20b.jpg', name: 'a b.jpg' }
const op = (name: string, value = 'true'): Step => ({ kind: 'operation', name, value })
const preset = (name: string): Step => ({ kind: 'preset', name, value: '' })

describe('resultPath', () => {
  it.each<[string, Picture, Step[], string]>([
    ['no steps', upload, [], 'v1/images/ID.jpg'],
    ['steps in their order', upload, [op('rotate', '90'), op('flip')], 'v1/images/ID.jpg?rotate=90&flip'],
    ['a format as the extension', upload, [op('format', 'webp')], 'v1/images/ID.webp'],
    ['options of a format', upload, [op('format', 'jpg:quality=9')], 'v1/images/ID.jpg?format=jpg:quality=9'],
    ['a format of a preset', upload, [preset('web')], 'v1/images/ID.webp?preset=web&format=webp:quality=80'],
    ['formats of a preset', upload, [preset('tall')], 'v1/images/ID.auto?preset=tall'],
    ['a source that has no encoder', { ...upload, format: 'heic' }, [], 'v1/images/ID.jpg'],
    ['a drawing', { ...upload, format: 'svg' }, [], 'v1/images/ID.png'],
    ['a file of a source', source, [op('format', 'webp')], 'photos/a%20b.jpg?format=webp'],
    ['a file of a source as it is', source, [], 'photos/a%20b.jpg'],
    [
      'characters with a meaning',
      upload,
      [op('watermark', 'text=A & B+C%')],
      'v1/images/ID.jpg?watermark=text=A%20%26%20B%2BC%25',
    ],
  ])('has %s', (_, picture, steps, path) => {
    expect(resultPath(picture, steps, settings)).toBe(path)
  })
})

describe('toCommand', () => {
  it.each<[string, Step[], string]>([
    [
      'flags in their order',
      [op('rotate', '90'), op('grayscale')],
      "imgproc run 'a b.jpg' --rotate 90 --grayscale -o 'a b-result.jpg'",
    ],
    [
      'a value of a flag that needs none',
      [op('trim', '20')],
      "imgproc run 'a b.jpg' --trim=20 -o 'a b-result.jpg'",
    ],
    [
      'a preset that comes first',
      [preset('avatar'), op('flip')],
      "imgproc run 'a b.jpg' --preset avatar --flip -o 'a b-result.webp'",
    ],
    ['a folder for a preset with widths', [preset('tall')], "imgproc run 'a b.jpg' --preset tall -o out"],
    [
      'the operations of a preset that comes later',
      [op('flip'), preset('thumb')],
      "imgproc run 'a b.jpg' --flip --thumbnail 100x100 -o 'a b-result.jpg'",
    ],
    [
      'quotes for a shell',
      [op('watermark', "text=it's")],
      String.raw`imgproc run 'a b.jpg' --watermark 'text=it'\''s' -o 'a b-result.jpg'`,
    ],
  ])('has %s', (_, steps, line) => {
    expect(toCommand('a b.jpg', steps, settings)).toBe(line)
  })

  it('lets a format replace that of a preset', () => {
    const steps = [op('flip'), preset('web'), op('format', 'png')]
    expect(toCommand('a.jpg', steps, settings)).toBe(
      'imgproc run a.jpg --flip --thumbnail 1920x1920 --format png -o a-result.png',
    )
  })
})

describe('toConfig', () => {
  it.each<[string, Step[], object]>([
    ['operations', [op('rotate', '90'), op('flip')], { ops: [{ rotate: '90' }, { flip: true }] }],
    ['a preset alone', [preset('web')], { extends: 'web' }],
    [
      'a preset with further operations',
      [preset('thumb'), op('flip')],
      { extends: 'thumb', ops: [{ thumbnail: '100x100' }, { flip: true }] },
    ],
    [
      'operations after the widths of a preset',
      [preset('tall'), op('flip')],
      { extends: 'tall', after: [{ sharpen: '1' }, { flip: true }] },
    ],
  ])('has %s', (_, steps, mine) => {
    const config = JSON.parse(toConfig(steps, settings)) as { presets: { mine: object } } // compared below
    expect(configSchema().safeParse(config).success).toBe(true)
    expect(config.presets.mine).toEqual(mine)
  })

  it('has one operation a line', () => {
    expect(toConfig([op('rotate', '90')], settings)).toContain('\n        { "rotate": "90" }\n')
  })
})

describe('toCurl', () => {
  it('names a variable instead of the token', () => {
    expect(toCurl('http://host/a.jpg?flip&flop', 'a.jpg', true)).toBe(
      `curl -fsS -H "Authorization: Bearer $IMGPROC_TOKEN" -o a.jpg 'http://host/a.jpg?flip&flop'`,
    )
  })
})

describe('resultName', () => {
  it.each([
    ['photo.tar.JPG', 'photo.tar-result.jpg'],
    ['photo', 'photo-result.jpg'],
    ['phone.HEIC', 'phone-result.jpg'],
    ['drawing.svg', 'drawing-result.png'],
  ])('of %s is %s', (file, name) => {
    expect(resultName(file, [], settings)).toBe(name)
  })
})
