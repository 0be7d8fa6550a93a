import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOption, type AnyFlag } from '../../src/cli/flags/define-flag.js'
import { RUN_FLAGS } from '../../src/cli/flags/run-flag-table.js'
import { S3_FLAGS } from '../../src/cli/flags/s3-flags.js'
import { ImgprocError } from '../../src/errors.js'
import type { RunOptions } from '../../src/run/options.js'
import type { Run } from '../../src/run/run.js'
import { makeProject } from '../support/project.js'

const run = vi.hoisted(() => vi.fn<(options: RunOptions) => Run>())
vi.mock('../../src/run/run.js', () => ({ run }))

// Other test files in this process share their modules: the command is loaded anew, with the mock, and only for this file.
let main: (argv: readonly string[]) => Promise<unknown>

beforeAll(async () => {
  vi.resetModules()
  ;({ main } = await import('../../src/cli/main.js'))
})

afterAll(() => {
  vi.doUnmock('../../src/run/run.js')
  vi.resetModules()
})

beforeEach(async () => {
  const project = await makeProject()
  vi.spyOn(process, 'cwd').mockReturnValue(project.path)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  run.mockImplementation(() => {
    throw new ImgprocError('ABORTED', 'Only the options matter here.', { stage: 'usage' })
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Returns the options that `imgproc run` passes on, except functions. */
async function optionsOf(...words: string[]): Promise<RunOptions> {
  const before = process.exitCode
  await main(['run', 'photos', ...words])
  process.exitCode = before
  return { ...run.mock.lastCall![0], suggest: undefined, signal: undefined, pipe: undefined }
}

/** A text that a flag accepts, and its parsed value, by the placeholder in the flag's spelling. */
const SAMPLES: Readonly<Record<string, readonly [text: string, value: unknown]>> = {
  '<i/n>': ['2/5', '2/5'],
  '<n>': ['17', 17],
  '<seconds>': ['17', 17],
  '<size>': ['17', 17],
}

/** Returns the words that set a flag, and the value that it is parsed to. */
function typeFlag({ flags, choices }: AnyFlag): { words: string[]; value: unknown } {
  const [, long = '', placeholder] = /(--[\w-]+)(?: (\S+))?$/.exec(flags) ?? []
  if (placeholder === undefined) return { words: [long], value: true }
  const example = choices?.[0] ?? 'webp'
  const [text, value] = SAMPLES[placeholder] ?? [example, example]
  return { words: [long, text], value }
}

const entries = Object.entries<AnyFlag & { option?: unknown }>(RUN_FLAGS)

describe('run flags', () => {
  it.each(entries.filter(([, { option }]) => typeof option === 'string' && option !== 'widths'))(
    'pass --%s on as a run option',
    async (_, flag) => {
      const { words, value } = typeFlag(flag)
      const options = await optionsOf(...words)
      expect([value, [value]]).toContainEqual(options[flag.option as keyof RunOptions]) // filtered above
    },
  )

  it.each(entries.filter(([, { option }]) => typeof option === 'function'))(
    'pass --%s on in the run options that its function returns',
    async (_, flag) => {
      const { words } = typeFlag(flag)
      const options = JSON.stringify(await optionsOf(...words))
      expect(options).not.toBe(JSON.stringify(await optionsOf()))
      expect(options).toContain(words[1])
    },
  )

  it('pass --widths and --no-manifest on as run options', async () => {
    const options = await optionsOf('--widths', '320,640', '--no-manifest')
    expect(options).toMatchObject({ widths: [320, 640], manifest: false })
  })

  it.each(Object.entries(S3_FLAGS))('pass --%s on in the run option s3', async (_, flag) => {
    const { words, value } = typeFlag(flag)
    expect((await optionsOf(...words)).s3).toEqual({ [flag.key]: value })
  })

  it.each(Object.entries<AnyFlag>({ ...RUN_FLAGS, ...S3_FLAGS }))(
    'have the key %s that commander derives from the spelling',
    (name, flag) => {
      expect(createOption(flag).attributeName()).toBe(name)
    },
  )
})
