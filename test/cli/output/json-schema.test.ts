import { readFile, rm } from 'node:fs/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProject, type Project } from '../../support/project.js'
import { hasRedis, NEEDS_REDIS } from '../../support/redis.js'
import { nextName, useRedis } from '../../queue/setup.js'
import { imgproc } from '../command.js'

const ROOT = new URL('../../../', import.meta.url)
const CONFIG = `
out: public
baseUrl: https://example.org/
presets:
  card: { ops: [{ thumbnail: 200 }], formats: [webp, 'jpeg:quality=auto'], analyze: [palette, thumbhash] }
  wide: { widths: [100, 4000], after: [{ sharpen: 1 }], path: '{dir}/{name}-{width}.{ext}' }
`

let schema: { readonly $defs: Readonly<Record<string, object>> }
let project: Project
let validators: ReadonlyMap<string, ValidateFunction>

beforeAll(async () => {
  schema = JSON.parse(await readFile(new URL('dist/output.schema.json', ROOT), 'utf8')) as typeof schema // the build's
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
  ajv.addSchema(schema, 'output')
  validators = new Map(
    Object.keys(schema.$defs).map((name) => [name, ajv.compile({ $ref: `output#/$defs/${name}` })]),
  )
  project = await openProject()
  await project.copy('photos/landscape.jpg', 'photos/a.jpg', 'photos/b.jpg')
  await project.copy('photos/animated.gif', 'photos/c.gif')
  await project.copy('broken/empty.jpg', 'photos/empty.jpg')
  await project.touch('photos/notes.txt')
  await project.write('imgproc.config.yaml', CONFIG)
})
afterAll(() => rm(project.path, { recursive: true, force: true }))

/** Runs a command with --json. Returns the definitions of the schema that each line of its output fits. */
async function kindsOf(args: readonly string[]): Promise<string[]> {
  const { stdout } = await imgproc(project, args)
  const isLines = stdout.startsWith('{"')
  const values = (isLines ? stdout.trimEnd().split('\n') : [stdout]).map((text): unknown => JSON.parse(text))
  return values.map((value) => {
    const names = [...validators].filter(([, validate]) => validate(value)).map(([name]) => name)
    // A wrong value shows why it fits no definition.
    return names.join(' ') || JSON.stringify(value)
  })
}

// In order: a later command needs what an earlier one has made.
describe('dist/output.schema.json', () => {
  const all = ['--preset', 'card,wide', '--json']

  it.each([
    ['run --dry-run', ['run', 'photos', '--dry-run', ...all], ['pending', 'plan']],
    ['run', ['run', 'photos', ...all], ['result', 'summary']],
    ['run that changes nothing', ['run', 'photos', ...all], ['result', 'summary']],
    ['run with a limit of failures', ['run', 'photos', '--force', '--bail', ...all], ['result', 'summary']],
    ['run --prune', ['run', 'photos', '--prune', '--preset', 'card', '--json'], ['result', 'summary']],
    [
      'thumbs with a failed analyzer',
      ['thumbs', 'photos/empty.jpg', '--analyze', 'gps', '--json'],
      ['result', 'summary'],
    ],
    ['check', ['check', 'photos', '--prune', '--preset', 'card', '--json'], ['pending', 'plan']],
    ['inspect', ['inspect', 'photos', '--json', '--gps'], ['inspection']],
    ['list presets', ['list', 'presets', '--json'], ['presets']],
    ['list ops', ['list', 'ops', '--json'], ['operations']],
    ['doctor', ['doctor', '--json'], ['diagnosis']],
    [
      'markup',
      [
        'markup',
        'photos/a.jpg',
        '--alt',
        'A house',
        '--preset',
        'card',
        '--placeholder',
        'thumbhash',
        '-f',
        'json',
      ],
      ['pictures'],
    ],
  ])('describes every line of %s', async (_, args, kinds) => {
    const found = await kindsOf(args)
    expect([...new Set(found)]).toEqual(kinds)
  })

  it('describes every line of a check of a manifest', async () => {
    await rm(project.at('public/a.card.jpg'))
    const found = await kindsOf(['check', 'public', '--json'])
    expect([...new Set(found)]).toEqual(['pending', 'plan'])
  })

  it('refuses keys that it does not describe', () => {
    expect(validators.get('plan')?.({ plan: { sources: 1, pending: 0, unchanged: 1 } })).toBe(true)
    expect(validators.get('plan')?.({ plan: { sources: 1, pending: 0, unchanged: 1, more: 1 } })).toBe(false)
  })
})

describe.skipIf(!hasRedis)(`dist/output.schema.json, of a queue${NEEDS_REDIS}`, () => {
  const redis = useRedis()

  it('describes enqueue and status', async () => {
    const flags = ['--queue', redis().url, '--queue-name', nextName()]
    const photos = ['enqueue', 'photos/a.jpg', '-p', 'card', '--shared', '.', ...flags, '--json']
    expect(await kindsOf(photos)).toEqual(['enqueued'])
    expect(await kindsOf(['status', ...flags, '--json'])).toEqual(['status'])
  })
})
