import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { parseConfig } from '../../src/config/validate-config.js'
import { ERRORS, ImgprocError } from '../../src/errors.js'
import { makeFolder } from './folder.js'

/** Returns the INVALID_CONFIG error for a value. */
function refusalOf(value: unknown): ImgprocError {
  try {
    parseConfig(value)
  } catch (error) {
    if (error instanceof ImgprocError && error.code === 'INVALID_CONFIG') return error
    throw error
  }
  throw new Error('parseConfig accepted it')
}

/** Returns the error message for YAML, as users see it. */
async function refuse(yaml: string): Promise<string> {
  const cwd = await makeFolder({ '.imgprocrc.yaml': yaml })
  const error: unknown = await loadConfig({ cwd }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'INVALID_CONFIG', stage: 'config', path: join(cwd, '.imgprocrc.yaml') })
  return error instanceof Error ? error.message : ''
}

describe('parseConfig', () => {
  it('returns a valid config unchanged', () => {
    const config = {
      $schema: './node_modules/imgproc/config.schema.json',
      out: 's3://shop/img/',
      baseUrl: '/img/',
      base: 'photos',
      path: '{dir}/{name}.{ext}',
      manifest: false,
      concurrency: 4,
      ignore: ['**/draft-*'],
      limits: { pixels: 1e8, bytes: 1e7, frames: 100, seconds: 30 },
      failOn: 'truncated',
      presets: {
        hero: {
          extends: 'web',
          ops: [{ thumbnail: { width: 100 } }],
          widths: [640, 1280],
          formats: [{ type: 'avif', quality: 50 }, 'webp', 'jpeg'],
          after: [{ sharpen: 0.5 }],
          path: '{dir}/{name}-{width}.{ext}',
          skipSmaller: true,
        },
        größe: {},
      },
      batches: [
        { inputs: ['photos/**'], presets: ['thumb', 'hero'] },
        {
          inputs: ['logos'],
          presets: ['web'],
          out: 'logos',
          path: '{name}.{ext}',
          base: '.',
          ignore: ['*.svg'],
        },
      ],
    }
    expect(parseConfig(config)).toEqual(config)
  })

  it('accepts an empty config', () => {
    expect(parseConfig({})).toEqual({})
  })
})

describe('error of an invalid config', () => {
  it('has exit code 2', () => {
    expect(ERRORS[refusalOf({ outt: 'img' }).code].exit).toBe(2)
  })

  it('names an unknown key and suggests the nearest one', async () => {
    expect(await refuse('presets:\n  card:\n    width: [320]')).toMatchInlineSnapshot(
      `".imgprocrc.yaml: presets.card: unknown key "width", did you mean "widths"?"`,
    )
  })

  it('names a value of the wrong type and the expected type', async () => {
    expect(await refuse('presets:\n  card:\n    widths: [320, wide]')).toMatchInlineSnapshot(
      `".imgprocrc.yaml: presets.card.widths[1]: expected a whole number of pixels from 1 to 16383, got "wide""`,
    )
  })

  it('names an unknown preset in a batch, and the available presets', async () => {
    const yaml =
      'presets:\n  card: { ops: [{ thumbnail: 100 }] }\nbatches:\n  - { inputs: [a], presets: [card, thum] }'
    expect(await refuse(yaml)).toMatchInlineSnapshot(
      `".imgprocrc.yaml: batches[0].presets[1]: There is no preset "thum". Did you mean "thumb"? Available presets: avatar, card, placeholder, responsive, social, thumb, web."`,
    )
  })

  it('names an unknown operation', async () => {
    expect(
      await refuse('presets:\n  card:\n    ops: [{ rotate: 90 }, { thumbnial: 100 }]'),
    ).toMatchInlineSnapshot(
      `".imgprocrc.yaml: presets.card.ops[1]: There is no operation "thumbnial". Did you mean "thumbnail"?"`,
    )
  })

  it('names a wrong parameter of an operation', async () => {
    const yaml = 'presets:\n  card:\n    ops: [{ thumbnail: { width: 100, fit: covr } }]'
    expect(await refuse(yaml)).toMatchInlineSnapshot(
      `".imgprocrc.yaml: presets.card.ops[0]: thumbnail: fit: expected one of inside, cover, got "covr", did you mean "cover"?"`,
    )
  })

  it('names a wrong format, and has the error of the operation as its cause', () => {
    const error = refusalOf({ presets: { card: { formats: ['webp', { type: 'avif', quality: 101 }] } } })
    expect(error.message).toMatchInlineSnapshot(
      `"config: presets.card.formats[1]: format: quality: expected a whole number from 1 to 100, got 101"`,
    )
    expect(error.cause).toMatchObject({ code: 'INVALID_OPERATION' })
  })

  it.each([
    [
      { presets: { a: { ops: ['flip'] } } },
      'presets.a.ops[0]: expected an operation such as { thumbnail: 100 }, got "flip"',
    ],
    [
      { presets: { a: { ops: [{ format: 'webp' }, { format: 'png' }] } } },
      'presets.a.ops: format is set twice; it applies to the whole list, so keep one',
    ],
    [
      { presets: { a: { after: [{ rotate: 'x' }] } } },
      'presets.a.after[0]: rotate: expected an angle in degrees, -3600 to 3600, got "x"',
    ],
    [
      { presets: { a: { extends: 'avatr' } } },
      'presets.a.extends: There is no preset "avatr". Did you mean "avatar"? ' +
        'Available presets: a, avatar, placeholder, responsive, social, thumb, web.',
    ],
    [
      { presets: { 'a/b': {} } },
      'presets.a/b: expected a name of letters, digits, "-", "_" and ".", not starting with "-" or ".", got "a/b"',
    ],
    [{ presets: [] }, 'presets: expected an object, got []'],
    [
      { presets: { a: { widths: [20_000] } } },
      'presets.a.widths[0]: expected a whole number of pixels from 1 to 16383, got 20000',
    ],
    [{ manifest: true }, 'manifest: expected a file name, or false for none, got true'],
    [{ concurrency: 0 }, 'concurrency: expected a whole number of images, 1 or more, got 0'],
    [{ limits: { pixels: '1GB' } }, 'limits.pixels: expected a whole number of pixels, 1 or more, got "1GB"'],
    [
      { failOn: 'eror' },
      'failOn: expected one of none, truncated, error, warning, got "eror", did you mean "error"?',
    ],
    [{ out: '' }, 'out: expected a non-empty string, got ""'],
    [
      { batches: [{ inputs: [], presets: ['thumb'] }] },
      'batches[0].inputs: expected a non-empty string or a list of them, got []',
    ],
    [
      { batches: [{ inputs: ['a'] }] },
      'batches[0].presets: expected a non-empty string or a list of them, got nothing',
    ],
    [
      { batches: [{ inputs: 5, presets: 'thumb' }] },
      'batches[0].inputs: expected a non-empty string or a list of them, got 5',
    ],
    [
      { batches: [{ inputs: [''], presets: 'thumb' }] },
      'batches[0].inputs[0]: expected a non-empty string, got ""',
    ],
    [null, 'expected an object, got null'],
    [[], 'expected an object, got []'],
  ])('states the expected value for %j', (value, message) => {
    expect(refusalOf(value).message).toBe(`config: ${message}`)
  })

  it('lists all mistakes', async () => {
    const yaml =
      'out: 5\npresets:\n  a: { ops: [{ rotat: 90 }, { thumbnail: x }], formats: [wepb] }\n  b: { extends: nothing }'
    expect(await refuse(yaml)).toMatchInlineSnapshot(`
      ".imgprocrc.yaml has 5 problems:
        out: expected a non-empty string, got 5
        presets.a.ops[0]: There is no operation "rotat". Did you mean "rotate"?
        presets.a.ops[1]: thumbnail: expected a size such as 100 or 100x100, got "x"
        presets.a.formats[0]: format: expected one of jpeg, png, webp, avif, jxl, gif, tiff, auto, got "wepb", did you mean "webp"?
        presets.b.extends: There is no preset "nothing". Available presets: a, avatar, b, placeholder, responsive, social, thumb, web."
    `)
  })

  it('lists five mistakes and counts the rest', () => {
    const presets = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`p${n}`, { widths: [-n] }]))
    expect(refusalOf({ presets }).message).toMatchInlineSnapshot(`
      "config has 7 problems:
        presets.p1.widths[0]: expected a whole number of pixels from 1 to 16383, got -1
        presets.p2.widths[0]: expected a whole number of pixels from 1 to 16383, got -2
        presets.p3.widths[0]: expected a whole number of pixels from 1 to 16383, got -3
        presets.p4.widths[0]: expected a whole number of pixels from 1 to 16383, got -4
        presets.p5.widths[0]: expected a whole number of pixels from 1 to 16383, got -5
        and 2 more"
    `)
  })

  it.each([
    [{ a: { extends: 'b' }, b: { extends: 'c' }, c: { extends: 'a' } }, 'a → b → c → a'],
    [{ a: { extends: 'a' } }, 'a → a'],
    [{ a: { extends: ['thumb', 'b'] }, b: { extends: ['a'] } }, 'a → b → a'],
    [{ web: { extends: 'thumb' }, thumb: { extends: 'web' } }, 'web → thumb → web'],
  ])('shows the cycle of presets that extend each other: %j', (presets, circle) => {
    const [first] = Object.keys(presets)
    expect(refusalOf({ presets }).message).toBe(
      `config: presets.${first}.extends: presets extend each other in a cycle: ${circle}; remove one extends`,
    )
  })
})
