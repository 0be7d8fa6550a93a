import { rm } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { createRebuildPrinter } from '../../../src/cli/output/watch-output.js'
import type { RunFlags } from '../../../src/cli/flags/run-flags.js'
import type { Failure } from '../../../src/errors.js'
import { run } from '../../../src/run/run.js'
import type { RunOptions } from '../../../src/run/options.js'
import type { Change } from '../../../src/watch/types.js'
import { makeProject, type Project } from '../../support/project.js'

interface Options extends RunFlags {
  readonly quiet?: boolean
  readonly changes?: readonly Change[]
  readonly before?: readonly Failure[]
  readonly run?: Partial<RunOptions>
}

/** Runs over photos/ and prints as a rebuild. Returns the lines, with times left out, and the current failures. */
async function rebuild(
  project: Project,
  { quiet = false, changes = [], before = [], ...more }: Options = {},
) {
  const { run: options, ...flags } = more
  const lines: string[] = []
  const printer = {
    quiet,
    verbose: false,
    printLine: (line: string) => void lines.push(line.replaceAll(/[\d.]+ (m?s)\b/g, '0 $1')),
    paint: (_: string, text: string) => text,
    paintResult: (_: string, text: string) => text,
  }
  const print = createRebuildPrinter(flags, printer)
  const current = run({
    cwd: project.path,
    inputs: ['photos'],
    out: 'out',
    preset: 'thumb',
    prune: flags.prune,
    ...options,
  })
  const failures = await print({ changes, run: current }, before)
  return { lines, failures }
}

async function makePhotos(...names: string[]): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', ...names.map((name) => `photos/${name}`))
  return project
}

const changed = (path: string, kind: Change['kind'] = 'changed'): Change => ({ path, kind })

describe('the printer of rebuilds', () => {
  it('has a line for each of a few images, and one for an image that changed without effect', async () => {
    const project = await makePhotos('a.jpg', 'b.jpg')
    const first = await rebuild(project)
    expect(first.lines.toSorted()).toEqual([
      'wrote 1 rendition of photos/a.jpg (0 ms)',
      'wrote 1 rendition of photos/b.jpg (0 ms)',
    ])
    const touched = await rebuild(project, { changes: [changed('photos/a.jpg')] })
    expect(touched.lines).toEqual(['photos/a.jpg changed: nothing to write'])
    expect((await rebuild(project)).lines).toEqual([])
  })

  it('has one line for more than ten images', async () => {
    const project = await makePhotos(...Array.from({ length: 11 }, (_, index) => `${index}.jpg`))
    expect((await rebuild(project)).lines).toEqual(['wrote 11 renditions of 11 images (0 s)'])
  })

  it('names removed images, and tells whether their outputs are kept', async () => {
    const project = await makePhotos('a.jpg', 'b.jpg', 'c.jpg')
    await rebuild(project)
    await rm(project.at('photos/b.jpg'))
    const removed = changed('photos/b.jpg', 'removed')
    expect((await rebuild(project, { changes: [removed] })).lines).toEqual([
      'photos/b.jpg was removed; its outputs are kept',
    ])
    const pruned = await rebuild(project, { prune: true, changes: [removed] })
    expect(pruned.lines).toEqual(['photos/b.jpg was removed', 'removed 1 output'])
    const many = Array.from({ length: 12 }, (_, index) => changed(`${index}.jpg`, 'removed'))
    expect((await rebuild(project, { changes: many })).lines).toEqual([
      '12 images, such as 0.jpg, were removed; their outputs are kept',
    ])
  })

  it('repeats no failure that is known, unless its image has changed', async () => {
    const project = await makePhotos('a.jpg')
    await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
    const first = await rebuild(project, { run: { force: true } })
    expect(first.lines).toEqual([
      'wrote 1 rendition of photos/a.jpg (0 ms)',
      expect.stringMatching(/^failed +photos\/broken\.jpg: CORRUPT_IMAGE/),
    ])
    const { failures: before } = first
    expect(before).toHaveLength(1)
    expect((await rebuild(project, { before })).lines).toEqual([])
    const again = await rebuild(project, { before, changes: [changed('photos/broken.jpg')] })
    expect(again.lines).toContainEqual(expect.stringContaining('photos/broken.jpg: CORRUPT_IMAGE'))
  })

  it('prints an error of the whole run, keeps the failures from before, and goes on waiting', async () => {
    const project = await makePhotos('a.jpg')
    const before: Failure[] = [
      { path: 'x.jpg', error: { code: 'CORRUPT_IMAGE', message: 'cut', stage: 'decode', retryable: false } },
    ]
    const { lines, failures } = await rebuild(project, { before, run: { preset: 'unknown' } })
    expect(lines).toEqual([expect.stringMatching(/^error .*unknown/), 'waiting for changes'])
    expect(failures).toBe(before)
  })

  it('prints only failures with --quiet', async () => {
    const project = await makePhotos('a.jpg')
    await project.copy('broken/truncated.jpg', 'photos/broken.jpg')
    const { lines } = await rebuild(project, { quiet: true, changes: [changed('gone.jpg', 'removed')] })
    expect(lines).toEqual([expect.stringContaining('photos/broken.jpg')])
  })

  it('prints JSON of each image and of the summary with --json', async () => {
    const project = await makePhotos('a.jpg')
    const printed: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
    await rebuild(project, { json: true }).finally(() => spy.mockRestore())
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ source: 'photos/a.jpg', status: 'ready' }),
      { summary: expect.objectContaining({ failures: [] }) },
    ])
  })
})
