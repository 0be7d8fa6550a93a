import { describe, expect, it } from 'vitest'
import { makeProject } from '../../support/project.js'
import { imgproc } from '../command.js'

async function wordsAfter(...typed: string[]): Promise<string[]> {
  const project = await makeProject()
  await project.write('imgproc.config.json', '{ "presets": { "mine": { "ops": [{ "resize": 50 }] } } }')
  const { code, stdout } = await imgproc(project, ['complete', '--', ...typed])
  expect(code).toBe(0)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]))
}

describe('completion', () => {
  it.each([
    [[''], ['thumbs', 'run', 'check', 'init', 'inspect', 'report', 'markup', 'completion']],
    [['th'], ['thumbs']],
    [
      ['list', ''],
      ['presets', 'ops'],
    ],
    [['list', 'ops', 'res'], ['resize']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['run', '--res'], ['--resize']],
    [['run', '--no-man'], ['--no-manifest']],
    [['run', 'a.jpg', '-p', 'm'], ['mine']],
    [['run', '--preset', 'mine,th'], ['mine,thumb']],
    [['run', '--preset=th'], ['--preset=thumb']],
    [['run', '-f', 'we'], ['webp']],
    [['run', '--format', 'webp:loss'], ['webp:lossless=']],
    [['run', '--formats', 'avif,w'], ['avif,webp']],
    [['run', '--fail-on', 'w'], ['warning']],
    [
      ['run', '--resize', '800:fit=co'],
      ['800:fit=cover', '800:fit=contain'],
    ],
    [
      ['run', '--metadata', 'g'],
      ['gps', 'gainmap'],
    ],
    [['run', '--analyze', 'thumb'], ['thumbhash']],
    [
      ['markup', '--format', ''],
      ['html', 'jsx', 'json'],
    ],
    [['serve', '--port', ''], []],
  ])('offers for %j the words %j', async (typed, expected) => {
    const words = await wordsAfter(...typed)
    expect(words).toEqual(expect.arrayContaining(expected))
    expect(words.length > 0).toBe(expected.length > 0)
    expect(words.filter((word) => !word.startsWith(typed.at(-1)!))).toEqual([])
  })

  it.each([
    [['run', '']],
    [['run', '-o', 'a']],
    [['thumbs', 'photos', '--report', '']],
    [['run', '--', '-']],
  ])('leaves files to the shell for %j', async (typed) => {
    expect(await wordsAfter(...typed)).toEqual([':files'])
  })

  it('hides its own command, and gives each word a meaning in one line', async () => {
    const project = await makeProject()
    const { stdout } = await imgproc(project, ['complete', '--', ''])
    expect(stdout).not.toMatch(/^complete\t/m)
    expect(stdout).toMatch(/^run\tApply presets and operations to images\./m)
    expect((await imgproc(project, ['--help'])).stdout).not.toMatch(/^ {2}complete /m)
  })

  it('says nothing of a config that is wrong', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', '{ "presets": 3 }')
    const { code, stdout, stderr } = await imgproc(project, ['complete', '--', 'run', '-p', 'thu'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('thumb\tincluded preset\n')
  })
})
