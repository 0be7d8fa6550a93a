import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { findPort, hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { serve } from '../support/serve.js'
import { startWorker, type WorkerProcess } from '../support/worker.js'
import { nextName, useRedis } from '../queue/setup.js'
import { imgproc } from './command.js'

const redis = useRedis()

async function start(project: Project, name: string, args: readonly string[] = []): Promise<WorkerProcess> {
  const worker = await startWorker(project, redis().url, ['--queue-name', name, '--shared', '.', ...args])
  onTestFinished(async () => {
    await worker.stop('SIGKILL')
  })
  return worker
}

/** Runs a command with a queue of its own name, whose places may be in the project. */
function queued(project: Project, name: string, words: readonly string[]) {
  const [command = '', ...rest] = words
  return imgproc(project, [command, ...rest, '--queue', redis().url, '--queue-name', name, '--shared', '.'])
}

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  const names = Array.from({ length: 12 }, (_, index) => `photos/${index}.jpg`)
  await project.copy('photos/grey.jpg', ...names, 'photos/same.jpg', 'photos/same.jpeg')
  await project.copy('photos/landscape.jpg', 'photos/large.jpg')
  await project.write('photos/broken.jpg', Buffer.from('ffd8ffe000104a464946', 'hex'))
  return project
}

async function contentsOf(project: Project): Promise<Map<string, string>> {
  const files = await project.files('thumbs')
  const read = async (name: string) =>
    [name, (await readFile(project.at(`thumbs/${name}`))).toString('base64')] as const
  return new Map(await Promise.all(files.map(read)))
}

describe.skipIf(!hasRedis)(`a run with --queue${NEEDS_REDIS}`, () => {
  it('writes the same manifest and images as a local run, byte for byte', async () => {
    const project = await makePhotos()
    const words = ['thumbs', 'photos', '--analyze', 'thumbhash']
    const local = await imgproc(project, words)
    const expected = await contentsOf(project)
    expect([...expected.keys()]).toContain('manifest.json')
    await rm(project.at('thumbs'), { recursive: true })
    const name = nextName()
    await start(project, name)
    await start(project, name)
    const ended = await queued(project, name, words)
    expect(ended.code).toBe(local.code)
    expect(ended.stderr).toContain('14 written, 2 failed from 16 images')
    expect(await contentsOf(project)).toEqual(expected)
    // Nothing is left to do.
    expect((await queued(project, name, words)).stderr).toContain('14 unchanged')
  })

  it('gathers what enqueue has put into the queue', async () => {
    const project = await makePhotos()
    const name = nextName()
    const words = ['photos', '-p', 'thumb', '-o', 'thumbs']
    const first = await queued(project, name, ['enqueue', ...words])
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('16 images in the queue') })
    const again = await queued(project, name, ['enqueue', ...words, '--json'])
    expect(JSON.parse(again.stdout)).toEqual({ queued: 0, known: 16 })
    await start(project, name)
    const status = async () =>
      JSON.parse((await imgproc(project, ['status', ...at(name), '--json'])).stdout) as object
    await expect.poll(status).toMatchObject({ waiting: 0, active: 0, ungathered: 14, failed: 2, workers: 1 })
    const shown = await imgproc(project, ['status', ...at(name)])
    expect(shown.stdout).toMatch(/^waiting {2}0$/m)
    expect(shown.stdout).toMatch(/^failed {3}photos\/broken.jpg: CORRUPT_IMAGE .* \(attempts: 1\)$/m)
    const run = await queued(project, name, ['run', ...words])
    expect(run.stderr).toContain('14 written')
    expect(await status()).toMatchObject({ waiting: 0, ungathered: 0 })
  })

  function at(name: string): string[] {
    return ['--queue', redis().url, '--queue-name', name]
  }

  it('refuses local folders that nobody says are shared', async () => {
    const project = await makePhotos()
    const name = nextName()
    const { code, stderr } = await imgproc(project, ['thumbs', 'photos', ...at(name)])
    expect(code).toBe(2)
    expect(stderr).toContain('is on the disk of one machine')
    expect(stderr).toContain(`--shared ${project.at('photos')}`)
    expect((await imgproc(project, ['status', ...at(name)])).stdout).toMatch(/^waiting {2}0$/m)
  })

  it('is stopped by a signal, and taken up again', async () => {
    const project = await makePhotos()
    const name = nextName()
    const words = ['thumbs', 'photos', ...at(name), '--shared', '.']
    const ended = await imgproc(project, words, {
      started: (child) => {
        const stop = async () => {
          const state = async () =>
            JSON.parse((await imgproc(project, ['status', ...at(name), '--json'])).stdout) as object
          await expect.poll(state).toMatchObject({ waiting: 16 })
          child.kill('SIGINT')
        }
        void stop()
      },
    })
    expect(ended.signal).toBe('SIGINT')
    expect(JSON.parse((await imgproc(project, ['status', ...at(name), '--json'])).stdout)).toMatchObject({
      waiting: 0,
    })
    await start(project, name)
    expect((await imgproc(project, words)).stderr).toContain('14 written')
  })
})

describe.skipIf(!hasRedis)(`a worker${NEEDS_REDIS}`, () => {
  it('answers /healthz and /metrics, and finishes its images after SIGTERM', async () => {
    const project = await makePhotos()
    const name = nextName()
    const worker = await start(project, name, ['--port', '0', '--concurrency', '2'])
    expect(await (await fetch(`${worker.url}/healthz`)).json()).toEqual({ status: 'ok' })
    await queued(project, name, ['thumbs', 'photos/*.jpg'])
    const metrics = await (await fetch(`${worker.url}/metrics`)).text()
    expect(metrics).toMatch(/^imgproc_job_duration_seconds_count\{status="ready"\} 14$/m)
    expect(metrics).toMatch(/^imgproc_queue_length\{queue="active"\} 0$/m)
    expect((await fetch(`${worker.url}/v1/images`)).status).toBe(404)
    expect(await worker.stop()).toMatchObject({ code: 0, stderr: expect.stringContaining('stopping') })
  })

  it('makes nothing outside of the folders that it shares', async () => {
    const project = await makePhotos()
    const name = nextName()
    const worker = await startWorker(project, redis().url, ['--queue-name', name, '--shared', 'photos'])
    onTestFinished(async () => {
      await worker.stop('SIGKILL')
    })
    const { code, stderr } = await queued(project, name, ['thumbs', 'photos/1.jpg'])
    expect(code).toBe(1)
    expect(stderr).toContain('QUEUE_UNAVAILABLE A worker refuses the job')
    expect(await project.files('thumbs')).toEqual(['manifest.json'])
  })
})

describe('the commands of a queue', () => {
  it.each(['worker', 'status', 'enqueue'])('explain that %s needs an address', async (command) => {
    const project = await makeProject()
    const { code, stderr } = await imgproc(project, [command])
    expect(code).toBe(2)
    expect(stderr).toContain('--queue redis://host:6379')
  })

  it.each([['run', 'photos'], ['status'], ['worker']])(
    'end with 2 if Redis is away: %s',
    async (...words) => {
      const project = await makePhotos()
      const port = await findPort()
      const { code, stderr } = await imgproc(project, [...words, '--queue', `redis://127.0.0.1:${port}`])
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^error Redis at 127\.0\.0\.1:\d+ cannot be used: connect ECONNREFUSED .*\nhelp: imgproc explain QUEUE_UNAVAILABLE\n$/,
      )
    },
  )

  it('cannot be combined with --watch', async () => {
    const project = await makePhotos()
    const { code, stderr } = await imgproc(project, ['run', 'photos', '--watch', '--queue', 'redis://h'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--watch and --queue') })
  })
})

describe.skipIf(!hasRedis)(`a server with --queue${NEEDS_REDIS}`, () => {
  it('refuses a store that workers on other machines do not see', async () => {
    const project = await makeProject()
    const { code, stderr } = await imgproc(project, ['serve', '--port', '0', '--queue', redis().url])
    expect(code).toBe(2)
    expect(stderr).toContain('imgproc-data is on the disk of one machine')
    expect(stderr).toContain('--shared')
  })

  it('gives uploads to the workers of the queue', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    await project.write(
      'imgproc.config.json',
      JSON.stringify({
        presets: { thumb: { ops: [{ thumbnail: 50 }] } },
        serve: { uploads: { presets: ['thumb'] } },
      }),
    )
    const name = nextName()
    const server = await serve(project, ['--queue', redis().url, '--queue-name', name, '--shared', '.'])
    const body = await readFile(project.at('a.jpg'))
    const upload = async () => fetch(`${server.url}/v1/images`, { method: 'POST', body })
    const { id } = (await (await upload()).json()) as { id: string }
    const state = async () =>
      ((await (await fetch(`${server.url}/v1/images/${id}`)).json()) as { status: string }).status
    expect(await state()).toBe('processing')
    await start(project, name)
    await expect.poll(state, { timeout: 20_000 }).toBe('ready')
    expect(await server.stop()).toMatchObject({ code: 0 })
  })
})
