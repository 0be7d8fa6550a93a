import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import type { Summary } from '../../src/jobs/summary.js'
import type { Result } from '../../src/jobs/types.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import type { RunOptions } from '../../src/run/options.js'
import { run, type Run } from '../../src/run/run.js'
import { makeProject, type Project } from '../support/project.js'

const LIBRARY = new URL('../../dist/bundle/index.js', import.meta.url).href
const OPTIONS = { inputs: ['photos'], ops: [{ thumbnail: 20 }], out: 'out' } satisfies RunOptions
const WRONG = { ...OPTIONS, preset: 'thmub' } satisfies RunOptions

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/c.jpg')
  return project
}

/** Adds a photo that cannot be read. */
async function makeBrokenPhotos(): Promise<Project> {
  const project = await makePhotos()
  await project.touch('photos/b.jpg')
  return project
}

/** Runs a script in a process of its own, and returns its exit code and what it printed. */
async function runScript(project: Project, code: string): Promise<{ code: number; printed: string }> {
  const head = `import { run } from '${LIBRARY}'\nconst WRONG = ${JSON.stringify(WRONG)}\n`
  await project.write('script.mjs', head + code)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['script.mjs'], { cwd: project.path })
    return { code: 0, printed: stdout }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string } // execFile's error
    return { code, printed: stdout + stderr }
  }
}

describe('await run()', () => {
  it('resolves to the summary when the run has finished', async () => {
    const project = await makePhotos()
    const summary = await run({ cwd: project.path, ...OPTIONS })
    expect(summary.renditions.written).toBe(2)
    expect(await project.files('out')).toEqual(['a.jpg', 'c.jpg', 'manifest.json'])
  })

  it('has the type of a promise of the summary, and of an iterable of results', () => {
    expectTypeOf<Awaited<Run>>().toEqualTypeOf<Summary>()
    expectTypeOf<Run>().toExtend<Promise<Summary>>()
    expectTypeOf<Run>().toExtend<AsyncIterable<Result>>()
  })

  it('rejects with the error of a wrong option', async () => {
    const { path: cwd } = await makePhotos()
    await expect(run({ cwd, ...WRONG })).rejects.toMatchObject({ code: 'UNKNOWN_PRESET' })
  })

  it('has then, catch and finally', async () => {
    const { path: cwd } = await makePhotos()
    expect(await run({ cwd, ...OPTIONS }).then(({ sources }) => sources.ready)).toBe(2)
    expect(await run({ cwd, ...WRONG }).catch((error: unknown) => error)).toBeInstanceOf(ImgprocError)
    let isDone = false
    await run({ cwd, ...OPTIONS }).finally(() => void (isDone = true))
    expect(isDone).toBe(true)
  })

  it('can be awaited after it was iterated', async () => {
    const { path: cwd } = await makePhotos()
    const batch = run({ cwd, ...OPTIONS })
    const paths: string[] = []
    for await (const { job } of batch) paths.push(job.path)
    expect(paths).toHaveLength((await batch).sources.total)
  })
})

describe('a wrong option of run()', () => {
  it.each([
    ['is awaited', 'await run(WRONG)'],
    ['is not awaited', 'run(WRONG)'],
    ['is continued with then, and nobody awaits that', 'run(WRONG).then(() => {})'],
  ])('ends the process with an error if the run %s', async (_, code) => {
    const { code: exit, printed } = await runScript(await makePhotos(), `${code}\nconsole.log('built')`)
    expect(exit).toBe(1)
    expect(printed).toContain('There is no preset "thmub".')
  })

  it.each([
    ['catches the run', 'await run(WRONG).catch(() => {})'],
    ['catches the summary', 'await run(WRONG).summary.catch(() => {})'],
    ['catches the plan', 'await run(WRONG).plan.catch(() => {})'],
    ['catches the manifest', 'await run(WRONG).manifest.catch(() => {})'],
    ['iterates in try and catch', 'try { for await (const _ of run(WRONG)); } catch {}'],
    [
      'takes several promises and catches the first',
      'const { plan, summary } = run(WRONG); try { await plan; await summary } catch {}',
    ],
  ])('does not end the process if the caller %s', async (_, code) => {
    const wait = 'await new Promise((resolve) => setTimeout(resolve, 50))'
    const { code: exit, printed } = await runScript(
      await makePhotos(),
      `${code}\n${wait}\nconsole.log('built')`,
    )
    expect(printed).toBe('built\n')
    expect(exit).toBe(0)
  })
})

describe('throwOnFailure', () => {
  it('is off by default: a failed image is data in the summary', async () => {
    const { path: cwd } = await makeBrokenPhotos()
    expect((await run({ cwd, ...OPTIONS })).failures).toHaveLength(1)
  })

  it('rejects with all failures after every image was processed and the manifest was written', async () => {
    const project = await makeBrokenPhotos()
    const batch = run({ cwd: project.path, ...OPTIONS, throwOnFailure: true })
    const error = await batch.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ImgprocError)
    expect(error).toMatchObject({
      code: 'IMAGES_FAILED',
      retryable: false,
      failures: [{ path: 'photos/b.jpg', error: { code: 'UNSUPPORTED_FORMAT' } }],
    })
    expect(String(error)).toContain(
      '1 of 3 images failed (throwOnFailure):\n  photos/b.jpg: UNSUPPORTED_FORMAT',
    )
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.map(({ status }) => status)).toEqual(['ready', 'failed', 'ready'])
  })

  it('rejects the iteration after its last result, and the manifest', async () => {
    const { path: cwd } = await makeBrokenPhotos()
    const batch = run({ cwd, ...OPTIONS, throwOnFailure: true })
    const results: Result[] = []
    const iterate = async () => {
      for await (const result of batch) results.push(result)
    }
    await expect(iterate()).rejects.toMatchObject({ code: 'IMAGES_FAILED' })
    expect(results).toHaveLength(3)
    await expect(batch.manifest).rejects.toMatchObject({ code: 'IMAGES_FAILED' })
  })

  it('resolves if no image has failed', async () => {
    const { path: cwd } = await makePhotos()
    expect((await run({ cwd, ...OPTIONS, throwOnFailure: true })).failures).toEqual([])
  })
})
