import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BIN } from '../cli/command.js'
import { createTestClient, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import { openDocumentProject, readBlocks, type DocumentProject } from '../support/documents.js'
import { hasRedis, NEEDS_REDIS, startRedis, type RedisServer } from '../support/redis.js'

const SERVER = 'redis://127.0.0.1:6379'
/** The network disk of the page. */
const DISK = '/mnt/photos'
const RUNS_ON = /^npx imgproc (?:worker|serve)/

const blocks = await readBlocks('docs/many-machines.md')
const codeOf = (language: string) =>
  blocks.filter((block) => block.language === language).map(({ code }) => code)
const lines = codeOf('sh')
  .flatMap((code) => code.split('\n'))
  // The package is installed already, and the variable is set.
  .filter((line) => line !== '' && !/^(?:npm install|export) /.test(line))

let s3: Awaited<ReturnType<typeof startS3>>
let redis: RedisServer | undefined
let project: DocumentProject
const workers: ChildProcess[] = []

beforeAll(async () => {
  s3 = await startS3()
  for (const [name, value] of Object.entries({ ...TEST_KEYS, AWS_ENDPOINT_URL_S3: s3.endpoint }))
    vi.stubEnv(name, value)
  if (hasRedis) {
    redis = await startRedis()
    vi.stubEnv('IMGPROC_QUEUE', redis.url)
  }
  const client = createTestClient(s3.endpoint)
  for (const Bucket of ['shop-photos', 'shop-images']) await client.send(new CreateBucketCommand({ Bucket }))
  const Body = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))
  await client.send(new PutObjectCommand({ Bucket: 'shop-photos', Key: 'originals/landscape.jpg', Body }))
  client.destroy()
  project = await openDocumentProject()
  await cp(join(project.folder, 'photos/landscape.jpg'), join(project.folder, 'disk/originals/landscape.jpg'))
})

afterAll(async () => {
  for (const worker of workers) {
    const ended = once(worker, 'close')
    worker.kill('SIGKILL')
    await ended
  }
  await project.remove()
  await redis?.stop()
  await s3.stop()
  vi.unstubAllEnvs()
})

/** Starts a worker or a server of the page, and waits until it takes jobs or requests. */
async function start(words: readonly string[]): Promise<void> {
  // Its queue is that of the variable, and any port does.
  const args = words.map((word) => (word === '9090' ? '0' : word))
  if (words[0] === 'serve') args.push('--port', '0')
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  workers.push(child)
  for await (const chunk of child.stdout) if (/Taking jobs|Listening at/.test(String(chunk))) return
  throw new Error(`it has ended: ${words.join(' ')}`)
}

describe('docs/many-machines.md', () => {
  it('names the Redis that the other examples use', () => {
    expect(codeOf('sh').join('')).toContain(`export IMGPROC_QUEUE=${SERVER}\n`)
  })

  // In order: a command may need a worker that an earlier one has started.
  it.each(lines.filter((line) => line.includes('parts')))('has a command that works: %s', async (line) => {
    await expect(project.shell(line)).resolves.toBeTypeOf('string')
  })

  describe.skipIf(!hasRedis)(`in its part on queues${NEEDS_REDIS}`, () => {
    it.each(lines.filter((line) => !line.includes('parts')))('has a command that works: %s', async (line) => {
      const command = line.replaceAll(DISK, join(project.folder, 'disk')).replaceAll(SERVER, redis?.url ?? '')
      const running = RUNS_ON.test(command) ? start(command.split(' ').slice(2)) : project.shell(command)
      await expect(running).resolves.not.toThrow()
    })
  })

  it.each(codeOf('json'))('has JSON that can be parsed: %s', (code) => {
    expect(JSON.parse(code)).toBeTypeOf('object')
  })

  it('has TypeScript examples that work and compile', async () => {
    for (const code of codeOf('ts'))
      await expect(project.script(code.replaceAll(SERVER, redis?.url ?? SERVER))).resolves.toBeTypeOf(
        'string',
      )
    await expect(project.compile(codeOf('ts'))).resolves.toBeUndefined()
  })
})
