import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { format as formatSource, type FormatConfig } from 'oxfmt'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import type { z } from 'zod'
import { configTypes, imageOpTypes } from '../../scripts/types-from-schema.js'
import { defineOps } from '../../src/operations/define-ops.js'
import type { ImageOp, OpInputs } from '../../src/operations/image-op.generated.js'
import { operations, readOps } from '../../src/operations/parse-operations.js'
import type * as registry from '../../src/operations/registry.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Input of an operation's schemas: parameters or shorthand. */
type Taken<O> = O extends { params: infer P extends z.ZodType; shorthand?: infer S }
  ? z.input<P> | (NonNullable<S> extends { schema: infer T extends z.ZodType } ? z.input<T> : never)
  : never

/** Readonly, recursively, and without the aliases that are replaced before a schema sees them. Inputs are never changed. */
type Deep<T> = T extends object
  ? { readonly [K in keyof T]: Deep<T[K]> }
  : T extends 'jpg'
    ? 'jpeg'
    : T extends 'tif'
      ? 'tiff'
      : T

/** Input of the schemas by operation name. */
type Schemas = { [N in keyof typeof registry]: Deep<Taken<(typeof registry)[N]>> }

/** Types without text that is parsed before a schema sees it: parameters and numbers. */
type Types = { [N in keyof OpInputs]: Deep<Exclude<OpInputs[N], `${string}=${string}` | `${number}`>> }
/** The types of flags leave out `{}`, since they have no parameters. */
type Taking = { [N in keyof Schemas]: N extends Flags ? Exclude<Schemas[N], object> : Schemas[N] }
type Flags = { [N in keyof OpInputs]: [OpInputs[N]] extends [true] ? N : never }[keyof OpInputs]

describe('type ImageOp', () => {
  it('names the operations of the registry', () => {
    expectTypeOf<keyof OpInputs>().toEqualTypeOf<keyof typeof registry>()
  })

  it('accepts the same inputs as the schemas', () => {
    expectTypeOf<Taking>().toExtend<Types>()
    expectTypeOf<Types>().toExtend<Taking>()
  })

  it('rejects invalid operations at compile time and at run time', () => {
    const list: ImageOp[] = [
      // @ts-expect-error two keys in one operation
      { thumbnail: 100, rotate: 90 },
      // @ts-expect-error a misspelt operation
      { thumbnale: 100 },
      // @ts-expect-error a misspelt parameter
      { thumbnail: { widht: 100 } },
      // @ts-expect-error a string for a number
      { format: { type: 'webp', quality: 'high' } },
      // @ts-expect-error an option of another encoder
      { format: { type: 'jpeg', lossless: true } },
      // @ts-expect-error an unknown format
      { format: 'bmp' },
      // @ts-expect-error a shorthand of another shape
      { resize: '800by600' },
      // @ts-expect-error a value that is not allowed
      { resize: { width: 100, fit: 'stretch' } },
      // @ts-expect-error a flag can only be true
      { flip: false },
      // @ts-expect-error unknown metadata
      { metadata: ['comments'] },
      // @ts-expect-error a misspelt parameter in text
      { thumbnail: '200x200:fitt=cover' },
      // @ts-expect-error a misspelt parameter in text without a shorthand
      { crop: 'aspekt=16:9' },
      // @ts-expect-error an option of another encoder in text
      { format: 'jpeg:lossless=true' },
      // @ts-expect-error text that is no number
      { rotate: 'left' },
    ]
    for (const op of list) expect(() => readOps([op]), JSON.stringify(op)).toThrow(/./)
  })

  it('accepts shorthands, parameters and text, inline and from a variable', () => {
    const list = defineOps([
      { thumbnail: 100 },
      { thumbnail: '100x50' },
      { resize: 'x600' },
      { resize: '50%' },
      { crop: { aspect: '16:9', position: 'attention' } },
      { format: { type: 'avif', quality: 50, bitdepth: 10 } },
      { metadata: ['icc', 'copyright'] },
      { autoOrient: false },
    ])
    expectTypeOf(list).toExtend<readonly ImageOp[]>()
    expectTypeOf(list[0]).toEqualTypeOf<{ readonly thumbnail: 100 }>()
    expect(readOps(list)).toHaveLength(8)
  })

  it('accepts parameters as text, as in flags, URLs and YAML', () => {
    const list = defineOps([
      { thumbnail: '200x200:fit=cover:position=attention' },
      { thumbnail: 'width=200' },
      { resize: '50%:kernel=cubic' },
      { crop: '200x100@10x20' },
      { crop: '16:9:position=top' },
      { crop: 'aspect=4/3' },
      { pad: '1:1:background=white' },
      { format: 'webp:quality=80' },
      { modulate: 'brightness=1.1:saturation=0.9' },
      { blur: 'sigma=2' },
      { metadata: 'keep=icc,copyright' },
      { autoOrient: 'enabled=false' },
    ])
    expect(readOps(list)).toHaveLength(12)
    expect(readOps([{ format: 'webp:quality=80' }])).toMatchObject([{ params: { quality: 80 } }])
  })

  it('accepts numbers as text', () => {
    const width: `${number}` = '300'
    const list = defineOps([{ resize: '300' }, { thumbnail: width }, { rotate: '-90' }, { blur: '0.5' }])
    expect(readOps(list)).toMatchObject([
      { params: { width: 300 } },
      { params: { width: 300, height: 300 } },
      { params: { angle: -90 } },
      { params: { sigma: 0.5 } },
    ])
  })

  it('accepts jpg and tif', () => {
    const list = defineOps([{ format: 'jpg' }])
    expect(readOps(list)).toEqual(readOps([{ format: 'jpeg' }]))
    expect(readOps(defineOps([{ format: { type: 'tif' } }]))).toEqual(readOps([{ format: 'tiff' }]))
    expect(readOps(defineOps([{ format: 'tif:compression=lzw' }]))).toEqual(
      readOps([{ format: { type: 'tiff', compression: 'lzw' } }]),
    )
    expect(readOps(defineOps([{ format: { type: 'auto', among: ['jpg', 'png'] } }]))).toEqual(
      readOps([{ format: { type: 'auto', among: ['jpeg', 'png'] } }]),
    )
  })

  it('compiles in this file', async () => {
    expect(await compile(fileURLToPath(import.meta.url))).toEqual([])
  })
})

describe('npm run generate', () => {
  it.each([
    ['src/operations/image-op.generated.ts', () => imageOpTypes(operations)],
    ['src/config/types.generated.ts', configTypes],
  ])('has been run for %s', async (file, generate) => {
    const { code } = await formatSource(file, generate(), await readFormat())
    expect(await readFile(join(ROOT, file), 'utf8')).toBe(code)
  })
})

async function readFormat(): Promise<FormatConfig> {
  return JSON.parse(await readFile(join(ROOT, '.oxfmtrc.json'), 'utf8')) as FormatConfig // a file of this repository
}

/** Returns the compiler's errors in a file. */
async function compile(file: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-types-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(ROOT, 'node_modules/@types')] },
    include: [],
    files: [file],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false']
  const said = await promisify(execFile)(process.execPath, tsc).catch(
    (error: unknown) => Object(error) as object,
  )
  const lines = String(Reflect.get(said, 'stdout')).split('\n')
  return lines.filter((line) => line.includes(basename(file)))
}
