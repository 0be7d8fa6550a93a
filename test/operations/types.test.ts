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

/** What an operation's schemas take: its parameters, or its shorthand. */
type Taken<O> = O extends { params: infer P extends z.ZodType; shorthand?: infer S }
  ? z.input<P> | (NonNullable<S> extends { schema: infer T extends z.ZodType } ? z.input<T> : never)
  : never

/** As Readonly, all the way down: a list that is given is never changed. */
type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T

/** What the schemas take, name by name. */
type Schemas = { [N in keyof typeof registry]: Deep<Taken<(typeof registry)[N]>> }

/** Flags have no parameters, so that their types leave out `{}`; and `format` takes parameters as text too. */
type Types = { [N in keyof OpInputs]: Deep<Exclude<OpInputs[N], `${string}:${string}=${string}`>> }
type Taking = { [N in keyof Schemas]: N extends Flags ? Exclude<Schemas[N], object> : Schemas[N] }
type Flags = { [N in keyof OpInputs]: [OpInputs[N]] extends [true] ? N : never }[keyof OpInputs]

describe('the types that users see', () => {
  it('name the operations of the registry', () => {
    expectTypeOf<keyof OpInputs>().toEqualTypeOf<keyof typeof registry>()
  })

  it('take what the schemas take', () => {
    expectTypeOf<Taking>().toExtend<Types>()
    expectTypeOf<Types>().toExtend<Taking>()
  })

  it('refuse at compile time what is refused at run time', () => {
    const list: ImageOp[] = [
      // @ts-expect-error two keys in one operation
      { thumbnail: 100, rotate: 90 },
      // @ts-expect-error a misspelt operation
      { thumbnale: 100 },
      // @ts-expect-error a misspelt parameter
      { thumbnail: { widht: 100 } },
      // @ts-expect-error a text for a number
      { format: { type: 'webp', quality: 'high' } },
      // @ts-expect-error another encoder's option
      { format: { type: 'jpeg', lossless: true } },
      // @ts-expect-error an unknown format
      { format: 'bmp' },
      // @ts-expect-error a shorthand of another shape
      { resize: '800by600' },
      // @ts-expect-error a value outside a list
      { resize: { width: 100, fit: 'stretch' } },
      // @ts-expect-error a flag that is not set is left out
      { flip: false },
      // @ts-expect-error metadata that nobody knows
      { metadata: ['iptc'] },
    ]
    for (const op of list) expect(() => readOps([op]), JSON.stringify(op)).toThrow(/./)
  })

  it('take every spelling, in place and from a variable', () => {
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
    expect(readOps([{ format: 'webp:quality=80' }])).toMatchObject([{ params: { quality: 80 } }])
  })

  it('hold in this file', async () => {
    expect(await compile(fileURLToPath(import.meta.url))).toEqual([])
  })
})

describe('what `npm run generate` writes', () => {
  it.each([
    ['src/operations/image-op.generated.ts', () => imageOpTypes(operations)],
    ['src/config/types.generated.ts', configTypes],
  ])('is what %s holds', async (file, generate) => {
    const { code } = await formatSource(file, generate(), await readFormat())
    expect(await readFile(join(ROOT, file), 'utf8')).toBe(code)
  })
})

async function readFormat(): Promise<FormatConfig> {
  return JSON.parse(await readFile(join(ROOT, '.oxfmtrc.json'), 'utf8')) as FormatConfig // our own file
}

/** What the compiler has to say about a file, in the file itself. */
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
