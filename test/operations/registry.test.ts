import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { defaultLoaders } from 'cosmiconfig'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { operations, parseOp, readOps } from '../../src/operations/parse-operations.js'
import { formatOp } from '../../src/operations/text-syntax.js'
import { anyInput, meaningOf, opOf } from '../support/inputs.js'

const FOLDERS = ['transforms', 'settings'].map(
  (name) => new URL(`../../src/operations/${name}/`, import.meta.url),
)

/** Returns the descriptions of all parameters, in all branches of a union. */
function descriptionsOf(schema: unknown): Record<string, string | undefined> {
  const branches = schema instanceof z.ZodDiscriminatedUnion ? schema.options : [schema]
  const shapes = branches.map((branch) => (branch instanceof z.ZodObject ? branch.shape : {}))
  const literals = shapes.flatMap((shape) => Object.entries(shape))
  return Object.fromEntries(
    // The discriminator of the branches has no description.
    literals
      .filter(([, value]) => !(value instanceof z.ZodLiteral))
      .map(([key, value]) => [key, value.description]),
  )
}

describe('operation registry', () => {
  it('contains every operation declared in transforms/ and settings/', async () => {
    const files = await Promise.all(
      FOLDERS.map(async (folder) =>
        (await readdir(folder, { recursive: true }))
          .filter((file) => file.endsWith('.ts'))
          .map((file) => new URL(file, folder)),
      ),
    )
    const modules = await Promise.all(
      files.flat().map(async (file): Promise<object> => import(file.href) as Promise<object>), // a module
    )
    const declared = modules.flatMap((module) => Object.values(module)).filter((value) => isOp(value))
    expect(operations.map((op) => op.name)).toEqual(declared.map((op) => op.name).toSorted())
    expect(declared.length).toBeGreaterThan(10)
  })

  it('has unique names', () => {
    expect(new Set(operations.map((op) => op.name)).size).toBe(operations.length)
  })
})

function isOp(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && 'kind' in value && 'summary' in value
}

describe.each(operations)('operation $name', (op) => {
  const { name, summary, params, example } = op
  const text = formatOp(opOf(name, example))

  it('has a valid example', () => {
    expect(readOps([opOf(name, example)])).toMatchObject([{ name, kind: op.kind }])
  })

  it('has a summary of one sentence with a full stop', () => {
    expect(summary).toMatch(/^[A-Z'].{10,120}\.$/)
  })

  it('describes every parameter', () => {
    for (const [key, description] of Object.entries(descriptionsOf(params))) {
      expect(description, key).toMatch(/^.{4,}\.$/)
    }
  })

  it('has the same parameters in block and flow YAML', () => {
    const block = `- ${name}: ${text}\n`
    const flow = `[{ ${name}: ${text} }, { flip: true }]`
    const readers = [parse, (yaml: string): unknown => defaultLoaders['.yaml']('x.yaml', yaml)]
    for (const read of readers) {
      expect(readOps(read(block))[0]?.params).toEqual(meaningOf(opOf(name, example)))
      expect(readOps(read(flow)).map((item) => item.name)).toEqual([name, 'flip'])
      expect(readOps(read(flow))[0]?.params).toEqual(meaningOf(opOf(name, example)))
    }
  })

  it('passes through a shell without quotes', () => {
    const said = execFileSync('sh', ['-c', `printf %s --${name}=${text}`], { encoding: 'utf8' })
    expect(said).toBe(`--${name}=${text}`)
    expect(meaningOf(parseOp(name, text))).toEqual(meaningOf(opOf(name, example)))
  })

  it('passes through the query of a URL', () => {
    const { searchParams } = new URL(`http://h/?${name}=${text}&after=1`)
    expect(searchParams.get('after')).toBe('1')
    expect(meaningOf(parseOp(name, searchParams.get(name) ?? ''))).toEqual(meaningOf(opOf(name, example)))
  })

  it('has the same parameters after formatting any input as text', () => {
    fc.assert(
      fc.property(anyInput(op), (input) => {
        const item = opOf(name, input)
        expect(meaningOf(parseOp(name, formatOp(item)))).toEqual(meaningOf(item))
      }),
    )
  })
})
