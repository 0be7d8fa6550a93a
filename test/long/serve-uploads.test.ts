import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ImageJson } from '../http/make-handler.js'
import { makeProject, type Project } from '../support/project.js'
import { serve, type Served } from '../support/serve.js'

/** Set the environment variable `UPLOADS` for more. */
const UPLOADS = Number(process.env['UPLOADS'] ?? 200)
const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 16)
/** Kills of the server, spread over the uploads. */
const KILLS = Number(process.env['KILLS'] ?? 1)
/** One of so many uploads is no image, and one is broken off. */
const ONE_OF = 100
const MEGABYTE = 1e6
/** Memory of the server at any time. */
const MAX_MEMORY = 1000 * MEGABYTE
const SECONDS_AN_UPLOAD = 6

const PHOTOS = fileURLToPath(new URL('../../../shared/photos/', import.meta.url))
const OWN_PHOTOS = fileURLToPath(new URL('../../fixtures/photos/', import.meta.url))

interface Photo {
  readonly name: string
  readonly bytes: Buffer
  readonly hash: string
}

/** An answer of 201. */
interface Accepted {
  readonly id: string
  readonly photo: Photo
}

/** Counts of what became of the uploads. */
interface Tally {
  readonly accepted: Accepted[]
  refused: number
  aborted: number
  /** Requests that a kill broke off, or that found no server. They are sent again. */
  interrupted: number
  /** Answers of 503. They are sent again. */
  busy: number
}

describe.runIf(process.platform === 'linux')('uploads of mixed photos', () => {
  it(
    'are all readable and true after kills of the server, and leave nothing of those that failed',
    { timeout: UPLOADS * SECONDS_AN_UPLOAD * 1000 + 300_000 },
    async () => {
      const photos = await readPhotos()
      const project = await makeProject()
      await project.write('imgproc.config.json', JSON.stringify({ serve: { store: 'data' } }))
      let server = await serve(project)
      let peak = 0
      const state = { isDone: false }
      const watching = (async () => {
        while (!state.isDone) {
          peak = Math.max(peak, await memoryOf(server))
          await sleep(200)
        }
      })()

      const tally: Tally = { accepted: [], refused: 0, aborted: 0, interrupted: 0, busy: 0 }
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
      let restarted = Promise.resolve()
      const restart = async () => {
        server.child.kill('SIGKILL')
        await once(server.child, 'close')
        server = await serve(project)
      }
      let next = 0
      const client = async () => {
        while (next < UPLOADS) {
          const index = next++
          const isKill = index > 0 && index % Math.ceil(UPLOADS / (KILLS + 1)) === 0
          if (isKill) restarted = restart()
          await uploadOne(index, photos, { agent, url: () => server.url, ready: () => restarted, tally })
        }
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, client))
      await restarted
      agent.destroy()
      const images = await listWhenDone(() => server.url)
      state.isDone = true
      await watching

      const { accepted, ...counts } = tally
      console.log(
        `${UPLOADS} uploads, ${KILLS} kills: ${accepted.length} accepted, ${JSON.stringify(counts)}, ${images.length} records, at most ${Math.round(peak / MEGABYTE)} MB`,
      )
      expect(counts.refused).toBe(countOf((index) => index % ONE_OF === 7))
      expect(counts.aborted).toBe(countOf((index) => index % ONE_OF === 57))
      expect(accepted.length).toBe(UPLOADS - counts.refused - counts.aborted)
      await expectTrue(server, accepted, images)
      await expectNoOrphans(project, images, tally)
      expect(peak).toBeLessThan(MAX_MEMORY)
      expect((await server.stop()).code).toBe(0)
    },
  )
})

async function readPhotos(): Promise<readonly Photo[]> {
  const given = await readdir(PHOTOS, { recursive: true }).catch((): string[] => [])
  const folder = given.length > 0 ? PHOTOS : OWN_PHOTOS
  const names = given.length > 0 ? given : await readdir(OWN_PHOTOS)
  // This one is damaged: its record tells that, so it has no output to compare.
  const usable = names
    .filter((name) => /\.(?:jpe?g|heic)$/i.test(name) && name !== 'corrupted.jpg')
    .toSorted()
  return Promise.all(
    usable.map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return { name: name.split('/').at(-1) ?? name, bytes, hash: hashOf(bytes) }
    }),
  )
}

interface Sending {
  readonly agent: Agent
  readonly url: () => string
  /** Resolves when the server runs again. */
  readonly ready: () => Promise<void>
  readonly tally: Tally
}

/** Sends one upload until it is answered for good. */
async function uploadOne(index: number, photos: readonly Photo[], sending: Sending): Promise<void> {
  const { tally, ready } = sending
  const photo = photos[index % photos.length]!
  const isBroken = index % ONE_OF === 7
  const isAborted = index % ONE_OF === 57
  const body = isBroken ? Buffer.from(photo.bytes).fill(0x20, 0, 2000) : photo.bytes
  for (;;) {
    await ready()
    const answer = await post(body, { ...sending, photo, stopAt: isAborted ? body.length / 2 : Infinity })
    if (isAborted) tally.aborted++
    else if (answer === undefined) tally.interrupted++
    else if (answer.status === 503) tally.busy++
    else if (answer.status === 415 || answer.status === 422) tally.refused++
    else if (answer.status !== 201) throw new Error(`${photo.name}: ${answer.status} ${answer.body}`)
    else {
      const { id } = JSON.parse(answer.body) as ImageJson
      tally.accepted.push({ id, photo })
    }
    const isFinal = isAborted || (answer !== undefined && answer.status !== 503)
    if (isFinal) return
    await sleep(100)
  }
}

/** Sends a body in two parts; returns undefined if there is no answer. */
async function post(
  body: Buffer,
  { agent, url, photo, stopAt }: Sending & { readonly photo: Photo; readonly stopAt: number },
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  const target = `${url()}/v1/images?preset=thumb&filename=${encodeURIComponent(photo.name)}`
  const sent = request(target, { method: 'POST', agent, headers: { 'content-length': body.length } })
  const nothing = () => undefined
  const failed = once(sent, 'close').then(nothing, nothing)
  sent.on('error', nothing)
  const answered = once(sent, 'response').then(async ([response]) => {
    const incoming = response as IncomingMessage // the event's only argument
    return { status: incoming.statusCode ?? 0, body: await text(incoming) }
  })
  answered.catch(nothing)
  sent.write(body.subarray(0, body.length / 2))
  if (stopAt < body.length) {
    await sleep(5)
    sent.destroy()
    await failed
    return undefined
  }
  sent.end(body.subarray(body.length / 2))
  const ended = answered.catch(nothing)
  return Promise.race([ended, failed.then(() => ended)])
}

/** Lists all images as soon as none waits or is in work. */
async function listWhenDone(url: () => string): Promise<readonly ImageJson[]> {
  for (;;) {
    const images: ImageJson[] = []
    let cursor = ''
    do {
      const response = await fetch(`${url()}/v1/images?limit=200${cursor}`)
      const page = (await response.json()) as { images: ImageJson[]; next: string | null }
      images.push(...page.images)
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    if (!images.some(({ status }) => status === 'queued' || status === 'processing')) return images
    await sleep(1000)
  }
}

/** Expects every accepted upload to have its own bytes, a record of them, and an output. */
async function expectTrue(
  { url }: Served,
  accepted: readonly Accepted[],
  images: readonly ImageJson[],
): Promise<void> {
  const records = new Map(images.map((image) => [image.id, image]))
  expect(records.size).toBe(images.length)
  expect(images.map(({ id }) => id)).toEqual(
    images
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  )
  const thumbs = new Map<string, string>()
  for (const { id, photo } of accepted) {
    const record = records.get(id)
    expect(record?.error, id).toBeUndefined()
    expect(record, id).toMatchObject({ status: 'ready', filename: photo.name })
    expect(record?.original.hash).toBe(`sha256:${photo.hash}`)
    expect(Object.keys(record?.analysis ?? {})).toHaveLength(9)
    const original = await fetch(`${url}/v1/images/${id}/download`)
    expect(hashOf(Buffer.from(await original.arrayBuffer())), photo.name).toBe(photo.hash)
    const thumb = await fetch(`${url}/v1/images/${id}/download?preset=thumb`)
    expect(thumb.status).toBe(200)
    const hash = hashOf(Buffer.from(await thumb.arrayBuffer()))
    expect(hash).toBe(thumbs.get(photo.hash) ?? hash)
    thumbs.set(photo.hash, hash)
  }
}

/** Expects no file without a record, but those that the last kills cut off: they wait to be swept. */
async function expectNoOrphans(project: Project, images: readonly ImageJson[], tally: Tally): Promise<void> {
  const names = async (folder: string) =>
    (await project.files(`data/${folder}`)).map((path) => path.split('/').at(-1) ?? '')
  const ids = new Set(images.map(({ id }) => id))
  const unfinished = (await names('unfinished')).map((name) => name.replace('.json', ''))
  expect(unfinished.filter((id) => ids.has(id))).toEqual([])
  expect(unfinished.length).toBeLessThanOrEqual(CONNECTIONS * KILLS)
  const originals = await names('originals')
  expect(originals.filter((id) => !ids.has(id) && !unfinished.includes(id))).toEqual([])
  expect(originals.filter((id) => ids.has(id))).toHaveLength(images.length)
  expect(await names('records')).toHaveLength(images.length)
  expect(await names('outputs')).toHaveLength(images.length)
  // A kill may come between a record and its answer: then the client sends the image again.
  expect(images.length - tally.accepted.length).toBeLessThanOrEqual(tally.interrupted)
}

/** Returns the memory of the server and its children that is not shared (PSS), in bytes; 0 while it starts. */
async function memoryOf({ child }: Served): Promise<number> {
  const pids = [child.pid, ...(await childrenOf(child.pid))]
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function childrenOf(pid: number | undefined): Promise<string[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.split(' ').filter((one) => one !== '')
}

function countOf(isWanted: (index: number) => boolean): number {
  return Array.from({ length: UPLOADS }, (_, index) => index).filter(isWanted).length
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
