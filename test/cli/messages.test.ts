import { rm, symlink } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/operations/parse-operations.js'
import { toFlag } from '../../src/operations/operation-flag.js'
import { openProject, type Project } from '../support/project.js'
import { serve } from '../stores/http/server.js'
import { imgproc } from './command.js'

/** Commands whose message is read as a newcomer reads it. mistakes.test.ts has those that touch no file. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  // Images that fail: the other images are made.
  'an empty file': ['thumbs', 'broken/empty.jpg', 'photos/a.jpg'],
  'a file cut off': ['thumbs', 'broken/cut.jpg', 'photos/a.jpg'],
  'a PNG cut off': ['thumbs', 'broken/cut.png', 'photos/a.jpg'],
  'a text named as an image': ['thumbs', 'broken/text.jpg', 'photos/a.jpg'],
  'bytes that are no image': ['thumbs', 'broken/garbage.png', 'photos/a.jpg'],
  'an SVG that is not well-formed': ['thumbs', 'broken/open.svg', 'photos/a.jpg'],
  'a missing file beside others': ['thumbs', 'missing.jpg', 'photos/a.jpg'],
  'too many pixels': ['thumbs', 'photos/a.jpg', '--limit-pixels', '1000'],
  'too many bytes': ['thumbs', 'photos/a.jpg', '--limit-bytes', '1KB'],
  'a crop outside the picture': ['run', 'photos/a.jpg', '--crop', '100x100@5000x0'],
  'a missing watermark': ['run', 'photos/a.jpg', '--watermark', 'logo.png'],
  'a watermark that is no image': ['run', 'photos/a.jpg', '--watermark', 'broken/text.jpg'],
  'a watermark larger than the picture': [
    'run',
    'photos/a.jpg',
    '--resize',
    '20',
    '--watermark',
    'photos/b.png',
  ],
  'a result that is too large': ['run', 'photos/a.jpg', '--resize', 'width=17000:enlarge=true', '-f', 'webp'],
  'a target that cannot be reached': ['run', 'photos/a.jpg', '-f', 'jpeg:maxBytes=100'],
  'paths that become equal in the run': [
    'run',
    '-j',
    '1',
    'photos/b.png',
    'photos/b.webp',
    '--flip',
    '-f',
    'auto',
    '--path',
    'b.{ext}',
  ],
  'an analyzer that throws': [
    'run',
    'photos/a.jpg',
    '--flip',
    '--analyze',
    'bad',
    '-c',
    'configs/analyzer.yaml',
  ],
  // Refused before anything is made.
  'two presets with one path': ['run', 'photos/a.jpg', '-p', 'thumb,avatar', '--path', '{dir}/{name}.x'],
  'two sources with one path': ['run', 'photos', '-f', 'webp', '--path', '{name}.{ext}'],
  'an output in place of a source': ['run', 'photos/a.jpg', '--flip', '-o', 'photos'],
  'a base that holds no input': ['thumbs', 'photos/a.jpg', '--base', 'broken'],
  'an absolute path': ['thumbs', 'photos/a.jpg', '--path', '/{name}.{ext}'],
  'an output folder below a file': ['thumbs', 'photos/a.jpg', '-o', 'photos/a.jpg/x'],
  'a manifest that is a folder': ['thumbs', 'photos/a.jpg', '-m', 'photos'],
  'a damaged manifest': ['thumbs', 'photos/a.jpg', '-m', 'configs/cut.json'],
  'a manifest of a later version': ['thumbs', 'photos/a.jpg', '-m', 'configs/later.json'],
  'prune without a manifest': ['thumbs', 'photos/a.jpg', '--prune', '--no-manifest'],
  'a shard out of range': ['thumbs', 'photos/a.jpg', '--shard', '4/3'],
  'an invalid limit of failures': ['thumbs', 'photos/a.jpg', '--max-failures', 'some'],
  'JSON and an image on stdout': ['thumbs', 'photos/a.jpg', '--json', '-o', '-'],
  'several images on stdout': ['thumbs', 'photos', '-o', '-'],
  'an output file in an unknown format': ['run', 'photos/a.jpg', '-o', 'a.bmp'],
  'an output file as the last input': ['run', 'photos/a.jpg', 'new.webp'],
  'watch and a queue': ['thumbs', 'photos', '--watch', '--queue', 'redis://127.0.0.1:1'],
  'a report without a manifest': ['thumbs', 'photos', '--report', 'r.html', '--no-manifest'],
  'a report that is no page': ['report', 'made', '-o', 'photos/a.jpg'],
  'an unknown analyzer': ['thumbs', 'photos/a.jpg', '--analyze', 'pallete'],
  'a glob without images': ['thumbs', 'configs/**'],
  'a file instead of an image': ['thumbs', 'configs/notes.txt'],
  'an input of a store that writes only to disk': ['thumbs', 'photos/a.jpg', '-o', 'https://example.org/'],
  'a data URL that is none': ['thumbs', 'data:nothing'],
  // Configs.
  'a config with two mistakes': ['run', '-c', 'configs/two.yaml'],
  'a config that is no object': ['run', '-c', 'configs/list.yaml'],
  'a config in JSON with a mistake': ['run', '-c', 'configs/broken.json'],
  'a config with another extension': ['run', '-c', 'configs/notes.txt'],
  'a config that throws': ['run', '-c', 'configs/throws.mjs'],
  'a config without a default export': ['run', '-c', 'configs/empty.mjs'],
  'presets that extend each other': ['run', 'photos/a.jpg', '-p', 'a', '-c', 'configs/cycle.yaml'],
  'an unknown operation in a preset': ['run', 'photos/a.jpg', '-p', 'a', '-c', 'configs/op.yaml'],
  'a wrong value in a preset': ['run', 'photos/a.jpg', '-p', 'a', '-c', 'configs/value.yaml'],
  'an analyzer that is missing': [
    'run',
    'photos/a.jpg',
    '--flip',
    '--analyze',
    'gone',
    '-c',
    'configs/gone.yaml',
  ],
  'an analyzer that is none': [
    'run',
    'photos/a.jpg',
    '--flip',
    '--analyze',
    'none',
    '-c',
    'configs/none.yaml',
  ],
  'a store that is none': ['thumbs', 'box://a/b.jpg', '-c', 'configs/store.yaml'],
  'a batch without presets': ['run', '-c', 'configs/batch.yaml'],
  // Other commands.
  'a check without a manifest': ['check'],
  'a check of an unknown folder': ['check', 'nowhere'],
  'inspect of a missing file': ['inspect', 'missing.jpg'],
  'inspect of a damaged file': ['inspect', 'broken/text.jpg'],
  'inspect with an unknown preset': ['inspect', 'photos/a.jpg', '-p', 'thum'],
  'inspect with an unknown analyzer': ['inspect', 'photos/a.jpg', '--analyze', 'palete'],
  'inspect without inputs': ['inspect'],
  'a report without a run': ['report', '-c', 'configs/elsewhere.yaml'],
  'markup without a text': ['markup', 'made', 'photos/a.jpg'],
  'markup of an unknown source': ['markup', 'made', 'photos/z.jpg', '--alt', 'A'],
  'markup with an unknown preset': ['markup', 'made', 'photos/a.jpg', '--alt', 'A', '-p', 'thum'],
  'markup without the analysis': [
    'markup',
    'made',
    'photos/a.jpg',
    '--alt',
    'A',
    '--placeholder',
    'thumbhash',
  ],
  'merge of nothing': ['merge', 'none-*.json'],
  'merge of a missing file': ['merge', 'none.json'],
  'merge of a folder': ['merge', 'made'],
  'merge of another file': ['merge', 'configs/app.json'],
  'an unknown operation to list': ['list', 'ops', 'resise'],
  'an unknown kind of list': ['list', 'presests'],
  'a place that is no URL': ['doctor', 'photos'],
  'a bucket without a name': ['doctor', 's3:///x'],
  'init where a config is': ['init'],
  'an unknown shell': ['completion', 'powershell'],
  'serve at an invalid port': ['serve', '--port', '99999'],
  'serve open to the network': ['serve', '--host', '0.0.0.0'],
  'a token with an unknown scope': ['token', 'me', '--scopes', 'everything'],
  'a signature without a key': ['sign', 'https://example.org/photos/a.jpg?preset=thumb'],
  'a queue without an address': ['worker'],
  'a queue that is not there': ['status', '--queue', 'redis://127.0.0.1:1'],
  'a queue of another kind': ['enqueue', 'photos', '-p', 'thumb', '--queue', 'amqp://localhost'],
  'a folder that is not shared': ['worker', '--queue', 'redis://127.0.0.1:1', '--shared', 'nowhere'],
  'an unknown error code': ['explain', 'CORRUPTED'],
}

const FILES: Readonly<Record<string, string>> = {
  'broken/open.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g>',
  'configs/notes.txt': 'notes',
  'configs/cut.json': '{"version":1,"tool":',
  'configs/later.json': '{"version":2,"tool":{"name":"imgproc"},"entries":[]}',
  'configs/app.json': '{"name":"A web app"}',
  'configs/two.yaml': 'concurrency: many\nlimits: { pixls: 3 }\n',
  'configs/list.yaml': '- thumbs\n',
  'configs/broken.json': '{\n  "out": "x"\n  "base": "y"\n}',
  'configs/throws.mjs': 'throw new Error("no such variable")',
  'configs/empty.mjs': 'export const out = "x"',
  'configs/cycle.yaml': 'presets: { a: { extends: b }, b: { extends: a } }',
  'configs/op.yaml': 'presets: { a: { ops: [{ thumbnial: 100 }] } }',
  'configs/value.yaml': 'presets: { a: { ops: [{ resize: { width: wide } }], quality: 200 } }',
  'configs/gone.yaml': 'analyzers: { gone: ./gone.mjs }',
  'configs/none.yaml': 'analyzers: { none: ./empty.mjs }',
  'configs/analyzer.yaml': 'analyzers: { bad: ./bad.mjs }',
  'configs/bad.mjs': 'export default { name: "bad", summary: "", analyze() { throw new Error("no model") } }',
  'configs/store.yaml': 'stores: { box: ./empty.mjs }',
  'configs/batch.yaml': 'batches: [{ inputs: photos }]',
  'configs/elsewhere.yaml': 'out: elsewhere\n',
}

let project: Project

beforeAll(async () => {
  project = await openProject()
  await project.copy('photos/landscape.jpg', 'photos/a.jpg')
  await project.copy('photos/alpha.png', 'photos/b.png')
  await project.copy('photos/portrait.webp', 'photos/b.webp')
  for (const [from, to] of [
    ['empty.jpg', 'empty.jpg'],
    ['truncated.jpg', 'cut.jpg'],
    ['truncated.png', 'cut.png'],
    ['text.jpg', 'text.jpg'],
    ['garbage.png', 'garbage.png'],
  ] as const)
    await project.copy(`broken/${from}`, `broken/${to}`)
  for (const [name, content] of Object.entries(FILES)) await project.write(name, content)
  await project.write('imgproc.config.yaml', '{}\n')
  await imgproc(project, ['thumbs', 'photos/a.jpg', '-o', 'made', '--quiet'])
})
afterAll(() => rm(project.path, { recursive: true, force: true }))

/** Runs a command, and returns its exit code and what it says, without what differs from run to run. */
async function messageOf(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await imgproc(project, args, { env })
  const text = `${stdout}${stderr}`
    .replaceAll(project.path, '<project>')
    // A slow machine reports its progress.
    .replaceAll(/^\d+\/\d+ renditions, .*\n/gm, '')
    .replaceAll(/\d[\d.]* (?:s|ms)(?:, [\d.]+ (?:img\/s|s\/img))?\b/g, '<time>')
    .replaceAll(/127\.0\.0\.1:\d{4,}/g, '<server>')
  await rm(project.at('out'), { recursive: true, force: true })
  await rm(project.at('thumbs'), { recursive: true, force: true })
  return `exit ${code}\n${text.trimEnd()}`
}

describe('messages', () => {
  it.each(Object.entries(COMMANDS))('about %s', async (_, args) => {
    const message = await messageOf(args)
    expect(message).toMatch(/^exit [12]\n/)
    expect(message).not.toMatch(/^\s+at |This is a bug|\[object |\bundefined|NaN/m)
    expect(message).toMatchSnapshot()
  })
})

/** Returns a wrong value; the shorthand of overlays is any file. */
function wrongValueOf(flag: string): string {
  if (flag === '--composite') return 'photos/b.png:opacity=2'
  return flag === '--watermark' ? 'photos/b.png:scale=-1' : '~'
}

describe('messages of operations', () => {
  it.each(operations.map((op) => [op.name, toFlag(op)]))(
    '%s, of a wrong value and an unknown parameter',
    async (_, flag) => {
      const messages = [
        await messageOf(['run', 'photos/a.jpg', `${flag}=${wrongValueOf(flag)}`]),
        await messageOf(['run', 'photos/a.jpg', `${flag}=nonsense=1`]),
      ]
      for (const message of messages) {
        expect(message).toMatch(/^exit 2\nerror --/)
        expect(message).toContain('For example:')
        expect(message).not.toMatch(/^\s+at |This is a bug|\[object |\bundefined|NaN/m)
      }
      expect(messages.join('\n')).toMatchSnapshot()
    },
  )
})

describe('messages of a server', () => {
  const answer = () =>
    serve((request, response) => {
      const status = Number(/\d+/.exec(request.url ?? '')?.[0] ?? 200)
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')
    })

  it.each(['401', '403', '404', '410', '429', '500', 'page'])('that answers with %s', async (kind) => {
    const { url } = await answer()
    expect(await messageOf(['thumbs', `${url}/${kind}/a.jpg`])).toMatchSnapshot()
  })

  it('that is not there', async () => {
    expect(await messageOf(['thumbs', 'http://127.0.0.1:1/a.jpg'])).toMatchSnapshot()
    expect(await messageOf(['thumbs', 'http://no-such-host.invalid/a.jpg'])).toContain('READ_FAILED')
  })
})

describe.runIf(process.platform === 'linux')('messages of the system', () => {
  it('about a folder that cannot be written to', async () => {
    expect(await messageOf(['thumbs', 'photos/a.jpg', '-o', '/proc/imgproc'])).toMatchSnapshot()
  })

  it('about a name that is too long, and one that leads to itself', async () => {
    expect(await messageOf(['thumbs', 'photos/a.jpg', '--path', `${'x'.repeat(300)}.{ext}`])).toMatchSnapshot(
      'too long',
    )
    await symlink('loop.jpg', project.at('loop.jpg'))
    expect(await messageOf(['thumbs', 'loop.jpg', 'photos/a.jpg'])).toMatchSnapshot('loop')
  })
})
