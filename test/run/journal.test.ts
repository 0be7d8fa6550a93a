import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../src/run/run.js'
import { createS3Store } from '../../src/stores/s3/store.js'
import { BIN, imgproc } from '../cli/command.js'
import { makeBucket, startS3, TEST_KEYS, type Bucket } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'

/** More than a segment holds. */
const IMAGES = 260

let server: Awaited<ReturnType<typeof startS3>>
let bucket: Bucket

beforeAll(async () => {
  for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
  server = await startS3()
  bucket = await makeBucket(server.endpoint)
})

afterAll(async () => {
  await bucket.remove()
  await server.stop()
  vi.unstubAllEnvs()
})

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

/** The sources that a line of `--json` tells of as written; one that was torn off tells nothing. */
function writtenIn(line: string): string[] {
  try {
    const { source, outputs = [] } = JSON.parse(line) as Line
    return source !== undefined && outputs.some(({ action }) => action === 'written') ? [source] : []
  } catch {
    return []
  }
}

/** Runs until `isEnough` says so, and is killed then; what it had told of as written. */
async function runAndKill(
  project: Project,
  args: readonly string[],
  isEnough: (told: number) => boolean | Promise<boolean>,
): Promise<string[]> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: project.path,
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const told: string[] = []
  const lines = createInterface(child.stdout).on('line', (line) => told.push(...writtenIn(line)))
  while (child.exitCode === null && !(await isEnough(told.length))) await sleep(5)
  child.kill('SIGKILL')
  await Promise.all([once(lines, 'close'), once(child, 'close')])
  expect(child.signalCode).toBe('SIGKILL')
  return told
}

async function runAgain(project: Project, args: readonly string[]): Promise<string[]> {
  const { code, stdout } = await imgproc(project, args, { env: environment() })
  expect(code).toBe(0)
  return stdout.trim().split('\n').flatMap(writtenIn)
}

describe('a run that was killed', () => {
  it('is gone on with by the next, which makes nothing again that was told', async () => {
    const project = await makePhotos()
    const args = ['thumbs', 'photos', '-o', 'out', '--json', '-j', '2']
    const first = await runAndKill(project, args, (told) => told >= 60)
    expect(await readdir(project.at('out/.imgproc'))).toContain('journal.ndjson')
    const second = await runAgain(project, args)
    expect(second.length).toBeGreaterThan(0)
    expect(first.filter((source) => second.includes(source))).toEqual([])
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['seen.json'])
    expect(await runAgain(project, args)).toEqual([])
  })

  it('is gone on with in a bucket too, by what its segments hold', async () => {
    const project = await makePhotos()
    const store = createS3Store({ endpoint: server.endpoint })
    const out = `s3://${bucket.name}/out`
    const args = ['thumbs', 'photos', '-o', out, '--json', '-j', '2']
    const stateOf = async () => {
      const refs: string[] = []
      for await (const { ref } of store.list(`${out}/.imgproc/`)) refs.push(ref)
      return refs.map((ref) => ref.slice(`${out}/.imgproc/`.length))
    }
    const isSegment = (name: string) => name.startsWith('journal/')
    await runAndKill(project, args, async () => (await stateOf()).some(isSegment))
    const segment = (await stateOf()).find(isSegment)
    const kept = Buffer.from(await store.read(`${out}/.imgproc/${segment}`)).toString()
    const paths = kept
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { path: string }).path)
    expect(paths.length).toBeGreaterThan(0)
    const second = await runAgain(project, args)
    expect(second.length).toBeGreaterThan(0)
    expect(paths.filter((path) => second.includes(path))).toEqual([])
    expect(await stateOf()).toEqual(['seen.json'])
    expect(await runAgain(project, args)).toEqual([])
  })
})

describe('a run that ends before it is through', () => {
  it('leaves old manifest and journal where the new manifest can not be written', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
    const options = { cwd: project.path, inputs: ['photos'], preset: 'thumb' }
    // A folder is in its way.
    await mkdir(project.at('out/manifest.json'), { recursive: true })
    await expect(run(options).summary).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['journal.ndjson'])
    await rmdir(project.at('out/manifest.json'))
    const again = run(options)
    expect((await again.summary).renditions).toMatchObject({ written: 0, unchanged: 2 })
    expect((await again.manifest).entries).toHaveLength(2)
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['seen.json'])
  })

  it('has no journal when it was stopped: the manifest says what was made', async () => {
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
    const told: string[] = []
    for await (const { job } of batch) {
      told.push(job.path)
      stop.abort()
    }
    expect(told.length).toBeLessThan(9)
    expect((await batch.manifest).entries.map(({ source }) => source.path)).toEqual(told.toSorted())
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['seen.json'])
  })
})
