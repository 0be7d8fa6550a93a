import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, openDocumentProject, type DocumentProject } from './support/documents.js'

const README = await readFile(new URL('../README.md', import.meta.url), 'utf8')

const blocks = blocksOf(README)
  // These two are what .ci/run does on a clean clone.
  .filter(({ code }) => !code.startsWith('npm ci'))

let project: DocumentProject

beforeAll(async () => {
  project = await openDocumentProject()
})

afterAll(() => project.remove())

describe('the README', () => {
  // In their order: the config is there for the commands behind it.
  it.each(blocks)('says what works: $code', async ({ language, code }) => {
    if (language === 'yaml' || language === 'js') {
      const [, name = ''] = /^(?:#|\/\/) (\S+)/.exec(code) ?? []
      await writeFile(join(project.folder, name), code)
    } else if (language === 'sh') {
      await project.shell(code)
    } else if (language === 'ts') {
      await project.script(code)
    } else {
      throw new Error(`nothing runs ${language} here`)
    }
    // What failed has thrown; files that examples write are there.
    expect(await readdir(project.folder)).toContain('photos')
  })

  it('has examples that compile', async () => {
    const examples = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code)
    await expect(project.compile(examples)).resolves.toBeUndefined()
  })

  it('gives the output that its example promises', async () => {
    const [, promised = ''] = /\/\/ (UNKNOWN_OPERATION .*)/.exec(README) ?? []
    const example = blocks.find(({ code }) => code.includes(promised))
    expect((await project.script(example?.code ?? '')).trim()).toBe(promised)
  })
})
