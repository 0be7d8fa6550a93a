import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject, openProject, type Project } from '../support/project.js'
import { imgproc, imgprocs, shell } from './command.js'
import type { Ended } from './in-process.js'

/** Wrong commands, by what is wrong. Each exits with 2 and prints one error. */
const MISTAKES: Readonly<Record<string, readonly string[]>> = {
  'an unknown operation': ['run', 'photos', '--rotat', '90'],
  'an invalid value of an operation': ['run', 'photos', '--rotate', 'left'],
  'an unknown parameter of an operation': ['run', 'photos', '--thumbnail', '100:fitt=cover'],
  'an operation without a value': ['run', 'photos', '--thumbnail'],
  'a value of a flag that takes none': ['run', 'photos', '--grayscale', 'false'],
  'an unknown value of a flag that needs none': ['run', 'photos', '--flatten', 'blakc'],
  'an unknown preset': ['thumbs', 'photos', '--preset', 'thum'],
  'an unknown token': ['thumbs', 'photos', '--path', '{dir}/{nam}.{ext}'],
  'an unbalanced brace': ['thumbs', 'photos', '--path', '{dir}/{name.{ext}'],
  'a path outside the output folder': ['thumbs', 'photos', '--path', '../{name}.{ext}'],
  'an unknown option like an existing one': ['thumbs', 'photos', '--quite'],
  'an unknown option': ['thumbs', 'photos', '--zzz'],
  'an unknown command': ['thumb', 'photos'],
  'a missing input': ['thumbs', 'missing.jpg'],
  'a missing folder': ['thumbs', 'missing/'],
  'an operation as the command': ['resize', 'photos'],
  'an image as the command': ['photos/a.jpg'],
  'a flag of another program': ['run', 'photos', '--width', '300'],
  'an invalid duration': ['thumbs', 'photos', '--timeout', 'soon'],
  'a glob that matches nothing': ['thumbs', 'pictures/**'],
  'a folder without images': ['thumbs', 'photos', 'texts'],
  'files that are not images': ['thumbs', 'texts/a.txt', 'texts/b.txt'],
  'no inputs': ['thumbs'],
  'nothing to do': ['run'],
  'nothing to make': ['run', 'photos'],
  'an empty input': ['thumbs', ''],
  'an empty value of an option': ['thumbs', 'photos', '--out', ''],
  'an empty list of widths': ['thumbs', 'photos', '--widths', ','],
  'a quality that is too high': ['run', 'photos', '-f', 'webp', '-q', '101'],
  'a quality without a format': ['run', 'photos', '--rotate', '90', '-q', '80'],
  'an unknown format': ['run', 'photos', '-f', 'wepb'],
  'an unknown format among several': ['run', 'photos', '--formats', 'webp,heic'],
  'a format given twice': ['run', 'photos', '-f', 'webp', '-f', 'png'],
  'an invalid width': ['run', 'photos', '--widths', '320,wide'],
  'an invalid concurrency': ['thumbs', 'photos', '-j', '0'],
  'an invalid size': ['thumbs', 'photos', '--limit-bytes', '5 apples'],
  'an invalid level': ['thumbs', 'photos', '--fail-on', 'errors'],
  'a missing config': ['thumbs', 'photos', '-c', 'imgproc.yaml'],
  'an unknown key in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/key.yaml'],
  'an unknown operation in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/op.yaml'],
  'an invalid value in the config': ['run', 'photos', '-p', 'thumb', '-c', 'configs/value.yaml'],
  'an unknown preset in the config': ['run', '-c', 'configs/preset.yaml'],
  'an unknown token in the config': ['run', 'photos', '-p', 'mine', '-c', 'configs/token.yaml'],
  'a config that is not valid YAML': ['run', 'photos', '-p', 'thumb', '-c', 'configs/broken.yaml'],
  'a missing list of inputs': ['thumbs', '--from', 'list.txt'],
  'an empty list of inputs': ['run', '-p', 'thumb', '--from', 'configs/empty.txt'],
  'an output folder that is a file': ['thumbs', 'photos', '-o', 'texts/a.txt'],
  'a single output file for several images': ['thumbs', 'photos', '-o', 'all.jpg'],
  'an output that overwrites its source': ['run', 'photos', '--rotate', '90', '-o', 'photos'],
  'a manifest of another program': ['thumbs', 'photos', '-m', 'configs/app.json'],
  'an input with an unknown scheme': ['thumbs', 'ftp://host/photos/**'],
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

describe('wrong usage exits with 2 and one error, and touches no file:', () => {
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

  it('all files are unchanged', async () => {
    expect(await project.files()).toEqual(before)
  })
})

describe('wrong usage', () => {
  it('in the environment is reported with the name of the variable', async () => {
    const project = await makePhotos()
    expect(await errorOf(project, ['thumbs', 'photos'], { IMGPROC_CONCURRENCY: 'many' })).toContain(
      "value 'many' from env 'IMGPROC_CONCURRENCY' is invalid",
    )
  })

  it('that causes a collision is reported with a command that works', async () => {
    const project = await makePhotos()
    await project.copy('photos/alpha.png', "photos/Trip [Rome]/it's.jpg", "photos/Trip [Rome]/it's.png")
    const args = ['run', 'photos', '-p', 'web', '--path', '{dir}/{name}.webp', '--quiet']
    const error = await errorOf(project, args)
    expect(error).toMatchInlineSnapshot(`
      "error One output path is used more than once, so nothing was made:
        photos/Trip [Rome]/it's.jpg → Trip [Rome]/it's.webp
        photos/Trip [Rome]/it's.png → Trip [Rome]/it's.webp
      This works:
        imgproc run photos -p web --quiet --path '{dir}/{name}.{srcext}.{preset}.{ext}'"
    `)
    const suggestion = error.split('\n').at(-1) ?? ''
    expect(await shell(project, suggestion)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(await project.files('out')).toHaveLength(5)
  })

  it('that causes a collision is reported with a command that works for names that begin with a dash', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', '-x.jpg')
    await project.copy('photos/alpha.png', '-x.png')
    const error = await errorOf(project, ['run', '-p', 'web', '-o', "it's out", '--', '-x.jpg', '-x.png'])
    expect((await shell(project, error.split('\n').at(-1) ?? '')).code).toBe(0)
    expect(await project.files("it's out")).toEqual(['-x.jpg.web.webp', '-x.png.web.webp', 'manifest.json'])
  })

  it('is reported with a stack trace only with --verbose', async () => {
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

/** Runs a wrong command and expects exit code 2 and no changes. Returns its error. */
async function errorOf(
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
