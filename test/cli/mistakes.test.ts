import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject, openProject, type Project } from '../support/project.js'
import { imgproc, imgprocs, shell, type Ended } from './command.js'

/** What is typed in a folder of photos. Each command has the exit code 2 and says one sentence. */
const MISTAKES: Readonly<Record<string, readonly string[]>> = {
  'an operation that is none': ['run', 'photos', '--rotat', '90'],
  'a value that an operation does not take': ['run', 'photos', '--rotate', 'left'],
  'a parameter that an operation does not have': ['run', 'photos', '--thumbnail', '100:fitt=cover'],
  'an operation without a value': ['run', 'photos', '--thumbnail'],
  'a preset that is none': ['thumbs', 'photos', '--preset', 'thum'],
  'a token that is none': ['thumbs', 'photos', '--path', '{dir}/{nam}.{ext}'],
  'a brace without its partner': ['thumbs', 'photos', '--path', '{dir}/{name.{ext}'],
  'a path out of the folder': ['thumbs', 'photos', '--path', '../{name}.{ext}'],
  'an option that is none': ['thumbs', 'photos', '--quite'],
  'an option of nothing like it': ['thumbs', 'photos', '--zzz'],
  'a command that is none': ['thumb', 'photos'],
  'a glob that matches nothing': ['thumbs', 'pictures/**'],
  'a folder without images': ['thumbs', 'photos', 'texts'],
  'files that are no images': ['thumbs', 'texts/a.txt', 'texts/b.txt'],
  'no inputs': ['thumbs'],
  'nothing to do': ['run'],
  'nothing to make': ['run', 'photos'],
  'an empty input': ['thumbs', ''],
  'an empty option': ['thumbs', 'photos', '--out', ''],
  'an empty list': ['thumbs', 'photos', '--widths', ','],
  'a quality that is too high': ['run', 'photos', '-f', 'webp', '-q', '101'],
  'a quality without a format': ['run', 'photos', '--rotate', '90', '-q', '80'],
  'a format that is none': ['run', 'photos', '-f', 'wepb'],
  'one of several formats that is none': ['run', 'photos', '--formats', 'webp,heic'],
  'a format that is named twice': ['run', 'photos', '-f', 'webp', '-f', 'png'],
  'a width that is none': ['run', 'photos', '--widths', '320,wide'],
  'a concurrency that is none': ['thumbs', 'photos', '-j', '0'],
  'a size that is none': ['thumbs', 'photos', '--limit-bytes', '5 apples'],
  'a level that is none': ['thumbs', 'photos', '--fail-on', 'errors'],
  'a config that is not there': ['thumbs', 'photos', '-c', 'imgproc.yaml'],
  'a key that is none, in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/key.yaml'],
  'an operation that is none, in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/op.yaml'],
  'a value that is none, in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/value.yaml'],
  'a preset that is none, in the config': ['run', '-c', 'configs/preset.yaml'],
  'a token that is none, in the config': ['run', 'photos', '-p', 'mine', '-c', 'configs/token.yaml'],
  'a config that is no YAML': ['run', 'photos', '-p', 'thumb', '-c', 'configs/broken.yaml'],
  'a list that is not there': ['thumbs', '--from', 'list.txt'],
  'a list of nothing': ['run', '-p', 'thumb', '--from', 'configs/empty.txt'],
  'an output folder that is a file': ['thumbs', 'photos', '-o', 'photos/a.jpg'],
  'an output in the place of its source': ['run', 'photos', '--rotate', '90', '-o', 'photos'],
  'a manifest of somebody else': ['thumbs', 'photos', '-m', 'configs/app.json'],
  'a place that nothing reads': ['thumbs', 'ftp://host/photos/**'],
}

const CONFIGS = {
  'key.yaml': 'outt: public',
  'op.yaml': 'presets: { small: { ops: [{ thumbnial: 100 }] } }',
  'value.yaml': 'concurrency: many',
  'preset.yaml': 'batches: [{ inputs: [../photos], presets: [thum] }]',
  'token.yaml': 'presets: { mine: { ops: [{ thumbnail: 50 }], path: "{nmae}.{ext}" } }',
  'broken.yaml': 'out: [public',
  'empty.txt': '\n',
  'app.json': '{"name":"A web app"}',
}

describe('a mistake ends in one sentence, exit code 2, and no file touched:', () => {
  let project: Project
  let before: string[]
  const ended = new Map<string, Ended>()

  beforeAll(async () => {
    project = await openProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
    await project.touch('texts/a.txt', 'texts/b.txt')
    for (const [name, content] of Object.entries(CONFIGS)) await project.write(`configs/${name}`, content)
    before = await project.files()
    const names = Object.keys(MISTAKES)
    for (const [index, each] of (await imgprocs(project, Object.values(MISTAKES))).entries())
      ended.set(names[index] ?? '', each)
  })

  afterAll(() => rm(project.path, { recursive: true }))

  it.each(Object.keys(MISTAKES))('%s', (name) => {
    const { code, signal, stdout = '', stderr = '' } = ended.get(name) ?? {}
    expect({ code, signal, stdout }).toEqual({ code: 2, signal: null, stdout: '' })
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr.trimEnd().replaceAll(project.path, '<project>')).toMatchSnapshot()
  })

  it('and that is all of it', async () => {
    expect(await project.files()).toEqual(before)
  })
})

describe('a mistake', () => {
  it('in the environment is told with the name of the variable', async () => {
    const project = await makePhotos()
    expect(await mistake(project, ['thumbs', 'photos'], { IMGPROC_CONCURRENCY: 'many' })).toContain(
      "value 'many' from env 'IMGPROC_CONCURRENCY' is invalid",
    )
  })

  it('that is a collision is told with the command that works', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', "photos/Trip [Rome]/it's.jpg", "photos/Trip [Rome]/it's.png")
    const args = ['run', 'photos', '-p', 'web', '--path', '{dir}/{name}.webp', '--quiet']
    const said = await mistake(project, args)
    expect(said).toMatchInlineSnapshot(`
      "error One output path is wanted more than once, so nothing was made:
        photos/Trip [Rome]/it's.jpg (web) → Trip [Rome]/it's.webp
        photos/Trip [Rome]/it's.png (web) → Trip [Rome]/it's.webp
      This works:
        imgproc run photos -p web --quiet --path '{dir}/{name}.{srcext}.{preset}.{ext}'"
    `)
    const advised = said.split('\n').at(-1) ?? ''
    expect(await shell(project, advised)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(await project.files('out')).toHaveLength(5)
  })

  it('that is a collision is told so for names that begin with a dash too', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', '-x.jpg')
    await project.copy('photos/alpha.png', '-x.png')
    const said = await mistake(project, ['run', '-p', 'web', '-o', "it's out", '--', '-x.jpg', '-x.png'])
    expect((await shell(project, said.split('\n').at(-1) ?? '')).code).toBe(0)
    expect(await project.files("it's out")).toEqual(['-x.jpg.web.webp', '-x.png.web.webp', 'manifest.json'])
  })

  it('has a stack only where it is asked for', async () => {
    const project = await makePhotos()
    const { code, stderr } = await imgproc(project, ['run', 'none', '-p', 'none', '--verbose'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^\s+at /m)
  })
})

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
  return project
}

/** What a mistake brings: exit code 2, words on stderr, and nothing else. */
async function mistake(
  project: Project,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const before = await project.files()
  const { code, stdout, stderr } = await imgproc(project, args, { env })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(await project.files()).toEqual(before)
  expect(stderr).not.toMatch(/^\s+at /m)
  return stderr.trimEnd()
}
