import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/run/run.js'
import { createS3Store } from '../../src/stores/s3/store.js'
import { BIN, imgproc } from '../cli/command.js'
import { useS3 } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'

/** More images than one journal segment holds. */
const IMAGES = 260

const server = useS3()

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', ...Array.from({ length: IMAGES }, (_, at) => `photos/${at}.jpg`))
  return project
}

const environment = () => ({ AWS_ENDPOINT_URL_S3: server.endpoint, AWS_REGION: 'us-east-1' })

interface Line {
  source?: string
  outputs?: { action: string }[]
}

/** Returns the source that a line of `--json` reports as written. A cut-off line reports none. */
function writtenIn(line: string): string[] {
  try {
    const { source, outputs = [] } = JSON.parse(line) as Line
    return source !== undefined && outputs.some(({ action }) => action === 'written') ? [source] : []
  } catch {
    return []
  }
}

/** Starts a run and kills it once `isEnough` returns true. Returns the sources that it reported as written. */
async function runAndKill(
  project: Project,
  args: readonly string[],
  isEnough: (reported: number) => boolean | Promise<boolean>,
): Promise<string[]> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: project.path,
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const reported: string[] = []
  const lines = createInterface(child.stdout).on('line', (line) => reported.push(...writtenIn(line)))
  while (child.exitCode === null && !(await isEnough(reported.length))) await sleep(5)
  child.kill('SIGKILL')
  await Promise.all([once(lines, 'close'), once(child, 'close')])
  expect(child.signalCode).toBe('SIGKILL')
  return reported
}

async function runAgain(project: Project, args: readonly string[]): Promise<string[]> {
  const { code, stdout } = await imgproc(project, args, { env: environment() })
  expect(code).toBe(0)
  return stdout.trim().split('\n').flatMap(writtenIn)
}

describe('a journal on the disk', () => {
  it('holds its first page before the first image is written, and leaves nothing of it', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
    const options = { cwd: project.path, inputs: 'photos', preset: 'thumb', out: 'out' }
    const before: { files: string[]; bytes: number }[] = []
    const look = () => {
      const bytes = statSync(project.at('out/.imgproc/journal.ndjson')).size
      before.push({ files: readdirSync(project.at('out')), bytes })
    }
    await run({ ...options, onEvent: ({ kind }) => kind === 'started' && before.length === 0 && look() })
    expect(before).toEqual([{ files: ['.imgproc'], bytes: expect.toSatisfy((bytes) => bytes >= 4096) }])
    expect(await project.files('out/.imgproc')).not.toContain('journal.ndjson')
    expect(await run(options).isUnchanged).toBe(true)
  })
})

describe('a rerun after a killed run', () => {
  it('renders nothing again that the killed run reported', async () => {
    const project = await makePhotos()
    const args = ['thumbs', 'photos', '-o', 'out', '--json', '-j', '2']
    const first = await runAndKill(project, args, (reported) => reported >= 60)
    expect(await readdir(project.at('out/.imgproc'))).toContain('journal.ndjson')
    const second = await runAgain(project, args)
    expect(second.length).toBeGreaterThan(0)
    expect(first.filter((source) => second.includes(source))).toEqual([])
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
    expect(await runAgain(project, args)).toEqual([])
  })

  it('renders nothing again that the journal segments in a bucket list', async () => {
    const project = await makePhotos()
    const store = createS3Store({ endpoint: server.endpoint })
    const out = `s3://${server.bucket.name}/out`
    const args = ['thumbs', 'photos', '-o', out, '--json', '-j', '2']
    const listState = async () => {
      const refs: string[] = []
      for await (const { ref } of store.list(`${out}/.imgproc/`)) refs.push(ref)
      return refs.map((ref) => ref.slice(`${out}/.imgproc/`.length))
    }
    const isSegment = (name: string) => name.startsWith('journal/')
    await runAndKill(project, args, async () => (await listState()).some(isSegment))
    const segment = (await listState()).find(isSegment)
    const lines = Buffer.from(await store.read(`${out}/.imgproc/${segment}`)).toString()
    const paths = lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { path: string }).path)
    expect(paths.length).toBeGreaterThan(0)
    const second = await runAgain(project, args)
    expect(second.length).toBeGreaterThan(0)
    expect(paths.filter((path) => second.includes(path))).toEqual([])
    expect(await listState()).toEqual(['seen.json'])
    expect(await runAgain(project, args)).toEqual([])
  })
})

describe('a run that ends early', () => {
  it('keeps the old manifest and the journal if the new manifest cannot be written', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
    const options = { cwd: project.path, inputs: ['photos'], preset: 'thumb' }
    // A folder blocks the path of the manifest.
    await mkdir(project.at('out/manifest.json'), { recursive: true })
    await expect(run(options).summary).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['journal.ndjson'])
    await rmdir(project.at('out/manifest.json'))
    const again = run(options)
    expect((await again.summary).renditions).toMatchObject({ written: 0, unchanged: 2 })
    expect((await again.manifest).entries).toHaveLength(2)
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
  })

  it('writes a manifest of the finished outputs and leaves no journal when it is aborted', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', ...Array.from({ length: 9 }, (_, at) => `photos/${at}.jpg`))
    const stop = new AbortController()
    const batch = run({
      cwd: project.path,
      inputs: ['photos'],
      preset: 'thumb',
      concurrency: 1,
      signal: stop.signal,
    })
    const finished: string[] = []
    for await (const { job } of batch) {
      finished.push(job.path)
      stop.abort()
    }
    expect(finished.length).toBeLessThan(9)
    expect((await batch.manifest).entries.map(({ source }) => source.path)).toEqual(finished.toSorted())
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json'])
  })
})
