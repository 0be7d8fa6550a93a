import { spawn } from 'node:child_process'
import { linkSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { imgproc, spawnImgproc } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'
import { hasRedis, NEEDS_REDIS, startRedis, type RedisServer } from '../support/redis.js'
import { makeSmallPhotos } from '../support/small-photos.js'
import { startWorker, type WorkerProcess } from '../support/worker.js'

const IMAGES = 1000
/** Kills of workers and of Redis. Set the environment variables for more. */
const WORKER_KILLS = Number(process.env['WORKER_KILLS'] ?? 20)
const REDIS_KILLS = Number(process.env['REDIS_KILLS'] ?? 5)
const WORKERS = 4
/** Images whose memory is measured. Set the environment variable for more. */
const MANY = Number(process.env['MANY'] ?? 30_000)

async function redis(args: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis(args)
  onTestFinished(() => server.stop())
  return server
}

async function makePhotos(count: number): Promise<Project> {
  const project = await makeProject()
  const photos = await makeSmallPhotos(10)
  for (let at = 0; at < count; at++) await project.write(`photos/${at}.jpg`, photos[at % 10]!.data)
  return project
}

/** An operation that changes nothing, and waits if there is a file `slow`, so that a run lasts as long as the kills. */
const WAIT = `import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
export default {
  name: 'wait',
  summary: 'Waits.',
  version: 1,
  params: () => ({}),
  async apply(pixels) {
    if (existsSync(new URL('slow', import.meta.url))) await sleep(400)
    return pixels
  },
}`

/** Workers that are started again when they end, as a supervisor does. */
async function supervise(project: Project, url: string) {
  const flags = ['--shared', '.', '--concurrency', '2']
  const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(project, url, flags)))
  const state = { isOver: false }
  onTestFinished(async () => {
    state.isOver = true
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
  })
  return {
    async kill(at: number) {
      await workers[at]!.stop('SIGKILL')
      // Redis may be away at the moment.
      for (let started: WorkerProcess | undefined; started === undefined && !state.isOver;) {
        started = await startWorker(project, url, flags).catch(() => undefined)
        if (started !== undefined) workers[at] = started
      }
    },
  }
}

async function outputsOf(project: Project): Promise<Map<string, string>> {
  const files = await project.files('thumbs')
  return new Map(
    await Promise.all(
      files.map(
        async (name) => [name, (await readFile(project.at(`thumbs/${name}`))).toString('base64')] as const,
      ),
    ),
  )
}

describe.skipIf(!hasRedis)(`a run with a queue${NEEDS_REDIS}`, () => {
  it('loses nothing when workers and Redis are killed, with several images in a message', async () => {
    const project = await makePhotos(IMAGES)
    await project.write('wait.mjs', WAIT)
    const ops = [{ thumbnail: 100 }, { wait: true }]
    const config = { operations: { wait: './wait.mjs' }, presets: { slow: { ops } } }
    await project.write('imgproc.config.json', JSON.stringify(config))
    const words = ['thumbs', 'photos', '-p', 'slow']
    await imgproc(project, words)
    const expected = await outputsOf(project)
    await rm(project.at('thumbs'), { recursive: true })
    await project.write('slow', '')
    const server = await redis(['--appendonly', 'yes', '--appendfsync', 'everysec'])
    const workers = await supervise(project, server.url)
    const state = { isDone: false }
    const running = imgproc(project, [...words, '--queue', server.url, '--shared', '.'], {
      started: () => {},
    }).finally(() => {
      state.isDone = true
    })
    let kills = 0
    const killWorkers = async () => {
      while (kills < WORKER_KILLS && !state.isDone) {
        await sleep(100 + Math.random() * 800)
        kills++
        await workers.kill(Math.floor(Math.random() * WORKERS))
      }
    }
    let redisKills = 0
    const killRedis = async () => {
      while (redisKills < REDIS_KILLS && !state.isDone) {
        await sleep(2000 + Math.random() * 5000)
        redisKills++
        await server.kill()
        await sleep(Math.random() * 2000)
        await server.restart()
      }
    }
    await Promise.all([killWorkers(), killRedis()])
    const ended = await running
    console.log(
      `killed workers ${kills} times and Redis ${redisKills} times: ${ended.stderr.split('\n').at(-3)}`,
    )
    expect(ended.code, ended.stderr).toBe(0)
    expect({ kills, redisKills }).toEqual({ kills: WORKER_KILLS, redisKills: REDIS_KILLS })
    const outputs = await outputsOf(project)
    expect([...outputs.keys()]).toEqual([...expected.keys()])
    for (const [name, content] of outputs) expect(content === expected.get(name), name).toBe(true)
  })

  it('fails only the image that ends each of its workers, and goes on', async () => {
    const project = await makePhotos(40)
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(project.at('photos/20-poison.jpg'))
    // An analyzer that ends the process stands for a picture that does.
    await project.write(
      'poison.mjs',
      `export default { name: 'poison', summary: 'Ends the process.', analyze(image, { metadata }) {
        if (metadata.width === 64) process.kill(process.pid, 'SIGKILL')
        return 1
      } }`,
    )
    await project.write('imgproc.config.json', JSON.stringify({ analyzers: { poison: './poison.mjs' } }))
    const server = await redis()
    const flags = ['--shared', '.', '--concurrency', '4']
    const state = { isOver: false }
    const keepUp = async () => {
      while (!state.isOver) {
        const worker = await startWorker(project, server.url, flags)
        const ended = new Promise((resolve) => worker.child.once('close', resolve))
        const check = setInterval(() => state.isOver && worker.child.kill('SIGKILL'), 100)
        await ended
        clearInterval(check)
      }
    }
    const supervising = Promise.all([keepUp(), keepUp()])
    const words = ['thumbs', 'photos', '--analyze', 'poison', '--json']
    const ended = await imgproc(project, [...words, '--queue', server.url, '--shared', '.'])
    state.isOver = true
    await supervising
    expect(ended.code, ended.stderr).toBe(1)
    const lines = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { source?: string; status?: string; error?: { message: string } })
    const failed = lines.filter(({ status }) => status === 'failed')
    expect(failed).toMatchObject([{ source: 'photos/20-poison.jpg' }])
    expect(failed[0]?.error?.message).toContain('ended its worker three times')
    expect(lines.filter(({ status }) => status === 'ready')).toHaveLength(40)
  })

  it('starts a job with priority next, among 10,000 that wait', async () => {
    const project = await makeProject()
    const [photo] = await makeSmallPhotos(1)
    const names = Array.from({ length: 10_000 }, (_, at) => `photos/${at}.jpg`)
    for (const name of names) await project.write(name, photo!.data)
    await project.write('single.jpg', photo!.data)
    const server = await redis()
    const queue = ['--queue', server.url, '--shared', '.']
    await imgproc(project, ['enqueue', 'photos', '-p', 'thumb', ...queue])
    const worker = await startWorker(project, server.url, [
      '--shared',
      '.',
      '--concurrency',
      '2',
      '--rate',
      '20',
    ])
    onTestFinished(async () => {
      await worker.stop('SIGKILL')
    })
    const status = async () =>
      JSON.parse((await imgproc(project, ['status', '--queue', server.url, '--json'])).stdout) as {
        waiting: number
        done: number
      }
    await expect.poll(async () => (await status()).done).toBeGreaterThan(0)
    const before = (await status()).done
    await imgproc(project, ['thumbs', 'single.jpg', '-o', 'single', ...queue, '--priority', '1'])
    const after = await status()
    console.log(`${after.done - before} images ended while the one with priority was made`)
    expect(after.waiting).toBeGreaterThan(9000)
    expect(await project.files('single')).toEqual(['manifest.json', 'single.thumb.jpg'])
  })

  it(`takes less than 225 MB for ${MANY} images, enqueue less than 200 and status less than 120`, async () => {
    const project = await makeProject()
    const tiny = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    for (let folder = 0; folder < MANY / 1000; folder++) {
      await project.write(`photos/${folder}/0.png`, tiny)
      // One file in each folder: no file system has 100,000 links to one.
      for (let at = 1; at < 1000; at++)
        linkSync(project.at(`photos/${folder}/0.png`), project.at(`photos/${folder}/${at}.png`))
    }
    const server = await redis()
    const queue = ['--queue', server.url, '--shared', '.']
    const words = ['photos', '-p', 'thumb', ...queue]
    const enqueue = await measure(project, ['enqueue', ...words])
    const status = await measure(project, ['status', '--queue', server.url])
    expect(status.stdout).toContain(`waiting  ${MANY}\n`)
    // The images themselves would take minutes.
    const script = fileURLToPath(new URL('../support/queue-idle-worker.mjs', import.meta.url))
    const worker = spawn(process.execPath, [script, server.url, project.path], { stdio: 'ignore' })
    onTestFinished(() => void worker.kill('SIGKILL'))
    const run = await measure(project, ['run', ...words])
    expect(run.stderr).toContain(`${MANY} written`)
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries).toHaveLength(MANY)
    const peaks = { enqueue: enqueue.peak, status: status.peak, run: run.peak }
    console.log(
      `peak MB of ${MANY} images: ${JSON.stringify(peaks)}; enqueue ${enqueue.seconds.toFixed(0)} s, run ${run.seconds.toFixed(0)} s`,
    )
    expect(peaks.enqueue).toBeLessThan(200)
    expect(peaks.status).toBeLessThan(120)
    expect(peaks.run).toBeLessThan(225)
  }, 3_600_000)
})

/** Runs the command in a process of its own. Returns its output, and its peak of resident memory in MB (Linux). */
async function measure(project: Project, words: readonly string[]) {
  const started = performance.now()
  let peak = 0
  let timer: NodeJS.Timeout | undefined
  const ended = await spawnImgproc(project, words, {
    started: ({ pid }) => {
      timer = setInterval(() => {
        peak = Math.max(peak, peakOf(pid))
      }, 50)
    },
  }).finally(() => clearInterval(timer))
  if (ended.code !== 0) throw new Error(ended.stderr)
  return { ...ended, peak: Math.round(peak), seconds: (performance.now() - started) / 1000 }
}

/** Returns the peak of a process's resident memory in MB; 0 after its end, and elsewhere than on Linux. */
function peakOf(pid: number | undefined): number {
  return Number(/VmHWM:\s*(\d+) kB/.exec(readStatus(pid))?.[1] ?? 0) / 1024
}

/** Returns what Linux knows of a process; nothing after its end. */
function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
