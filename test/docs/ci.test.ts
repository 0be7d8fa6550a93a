import { copyFile, readFile, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { validateWorkflow } from '@action-validator/core'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileOf, openDocumentProject, readBlocks, type DocumentProject } from '../support/documents.js'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
}

const workflows = (await readBlocks('docs/ci.md')).filter((block) => fileOf(block)?.startsWith('.github/'))
const stepsOf = (code: string) => Object.values((parse(code) as Workflow).jobs).flatMap(({ steps }) => steps) // the schema was checked
/** Commands of the job, without that which installs. */
const commandsOf = (code: string) =>
  stepsOf(code).flatMap(({ run }) => (run === undefined || run === 'npm ci' ? [] : [run]))

let project: DocumentProject

beforeAll(async () => {
  project = await openDocumentProject()
  for (const block of await readBlocks('docs/ci.md')) {
    const file = fileOf(block)
    if (file?.endsWith('config.yaml') === true) await project.save(file, block.code)
  }
})
afterAll(() => project.remove())

describe('workflows of docs/ci.md', () => {
  it('are two', () => {
    expect(workflows.map((block) => fileOf(block))).toEqual([
      '.github/workflows/images.yml',
      '.github/workflows/check-images.yml',
    ])
  })

  it.each(workflows)('follow the schema of GitHub', ({ code }) => {
    expect(validateWorkflow(code).errors).toEqual([])
    expect(validateWorkflow(code.replace('steps:', 'stepz:')).errors).not.toEqual([])
  })

  it('make the images, and nothing again with the cached folder in a fresh checkout', async () => {
    const [make] = workflows
    const cached = stepsOf(make!.code).find(({ uses }) => uses?.startsWith('actions/cache@') === true)?.with
    expect(cached?.['path']).toBe('public/img')
    const command = commandsOf(make!.code).join('\n')
    expect(await count(command)).toEqual({ written: expect.any(Number) as number, unchanged: 0 })
    const { written } = await count(`${command} --force`)
    expect(written).toBeGreaterThan(10)
    // A checkout gives all files the time of the checkout.
    const now = new Date()
    for (const { source } of await entries()) await utimes(join(project.folder, source.path), now, now)
    expect(await count(command)).toEqual({ written: 0, unchanged: written })
    expect(await readFile(join(project.folder, 'report.html'), 'utf8')).toContain('imgproc report')
  })

  it('fail if a photo was added or removed and nobody ran imgproc', async () => {
    const [make, check] = workflows
    await project.shell(commandsOf(make!.code).join('\n'))
    const command = commandsOf(check!.code).join('\n')
    await project.shell(command)
    const added = join(project.folder, 'photos/added.jpg')
    await copyFile(join(project.folder, 'photos/landscape.jpg'), added)
    await expect(project.shell(command)).rejects.toThrow('exit 1')
    await project.shell(commandsOf(make!.code).join('\n'))
    await project.shell(command)
    await rm(added)
    await expect(project.shell(command)).rejects.toThrow('exit 1')
  })
})

/** Runs a command with --json. Returns how many renditions it wrote and kept. */
async function count(command: string): Promise<{ written: number; unchanged: number }> {
  const last = (await project.shell(`${command} --json`)).trimEnd().split('\n').at(-1) ?? ''
  const { summary } = JSON.parse(last) as { summary: { renditions: { written: number; unchanged: number } } } // test/cli/output checks it
  return { written: summary.renditions.written, unchanged: summary.renditions.unchanged }
}

async function entries(): Promise<readonly { readonly source: { readonly path: string } }[]> {
  const text = await readFile(join(project.folder, 'public/img/manifest.json'), 'utf8')
  return (JSON.parse(text) as { entries: { source: { path: string } }[] }).entries // the manifest's schema
}
