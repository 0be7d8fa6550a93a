import { readFile } from 'node:fs/promises'
import { format, type FormatOptions } from 'oxfmt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pagesWithTables, pageUrl } from '../../scripts/docs.js'
import * as library from '../../src/index.js'
import { imgproc } from '../cli/command.js'
import { makeProject } from '../support/project.js'
import { openDocumentProject, type DocumentProject } from '../support/documents.js'

const ROOT = new URL('../../', import.meta.url)
const filled = [...(await pagesWithTables())]

describe('generated tables', () => {
  it.each(filled)('are up to date in %s', async (page, text) => {
    const options = JSON.parse(await readFile(new URL('.oxfmtrc.json', ROOT), 'utf8')) as FormatOptions // oxfmt's own file
    expect(await readFile(pageUrl(page), 'utf8')).toBe((await format(page, text, options)).code)
  })
})

describe('docs/cli.md', () => {
  let project: DocumentProject
  let page: string

  beforeAll(async () => {
    project = await openDocumentProject()
    page = await readFile(pageUrl('docs/cli.md'), 'utf8')
  })

  afterAll(() => project.remove())

  it.each([
    '',
    'thumbs',
    'run',
    'check',
    'merge',
    'list presets',
    'list ops',
    'doctor',
    'serve',
    'worker',
    'enqueue',
    'status',
  ])('names every command and flag of `imgproc %s --help`', async (command) => {
    const help = await project.shell(`node_modules/.bin/imgproc ${command} --help`)
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag)
    expect(flags.length).toBeGreaterThan(3)
    for (const flag of flags) expect(page).toContain(flag)
    const commands = [...(help.split('Commands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z]+) /gm)]
    for (const [, name = ''] of commands)
      expect(page).toContain(`\`imgproc ${command} ${name}`.replace('  ', ' '))
  })
})

describe('pages about a command', () => {
  it.each([
    ['docs/responsive-images.md', 'markup'],
    ['docs/report.md', 'report'],
    ['docs/inspect.md', 'inspect'],
  ])('%s names every flag of `imgproc %s --help`', async (name, command) => {
    const page = await readFile(pageUrl(name), 'utf8')
    const { stdout } = await imgproc(await makeProject(), [command, '--help'])
    const flags = [...stdout.split('Global Options:')[0]!.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(
      ([, flag = '']) => flag,
    )
    const own = flags.filter((flag) => !/^--(?:help|config|s3-.*)$/.test(flag))
    expect(own.length).toBeGreaterThan(2)
    for (const flag of own) expect(page).toContain(flag)
  })
})

describe('docs/library.md', async () => {
  const page = await readFile(pageUrl('docs/library.md'), 'utf8')

  it.each(Object.keys(library))('names the export %s', (name) => {
    expect(page).toContain(`\`${name}\``)
  })

  it('names every option of run that is no key of the config', async () => {
    const source = await readFile(new URL('src/run/options.ts', ROOT), 'utf8')
    const options = [...source.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name)
    expect(options.length).toBeGreaterThan(20)
    for (const name of options) expect(page).toContain(`\`${name}\``)
  })
})
