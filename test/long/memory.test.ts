import { link, readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { imgproc } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const WIDTH = 4000
const HEIGHT = 3000
const MEGABYTE = 1e6

describe.runIf(process.platform === 'linux')('the memory of a run', () => {
  it('stays below 400 MB for 120 photos of 12 MP', async () => {
    const project = await makeProject()
    await makePhotos(project)
    const memory = await memoryOfRun(project, 'photos', 120)
    console.log(`PSS for 120 photos of 12 MP: ${format(memory)}`)
    expect(memory.peak).toBeLessThan(400 * MEGABYTE)
  })

  it('does not grow with the number of photos', async () => {
    const project = await makeProject()
    await makePhotos(project)
    // glibc keeps freed memory in arenas of its threads, which varies more than a leak would. Two arenas limit that.
    const env = { MALLOC_ARENA_MAX: '2' }
    const few = await memoryOfRun(project, 'few', 120, env)
    const many = await memoryOfRun(project, 'many', 480, env)
    console.log(`With two arenas, 120 photos: ${format(few)}; 480: ${format(many)}`)
    // A leak of one byte per pixel would be 12 MB per photo, or 4 GB here.
    expect(many.median).toBeLessThan(few.median * 1.3)
  })
})

/** Writes photo-like JPEGs, alternately baseline and progressive. */
async function makePhotos(project: Project): Promise<void> {
  for (let index = 0; index < 4; index++) {
    const sky = `<svg width="${WIDTH}" height="${HEIGHT}"><linearGradient id="g" x2="0.${index}" y2="1">
      <stop stop-color="#28c"/><stop offset="1" stop-color="#420"/></linearGradient>
      <rect width="100%" height="100%" fill="url(#g)"/></svg>`
    const noise = { type: 'gaussian', mean: 128, sigma: 20 + index * 5 } as const
    const grain = sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'grey', noise } })
    const photo = sharp(Buffer.from(sky)).composite([
      { input: await grain.png().toBuffer(), blend: 'soft-light' },
    ])
    await project.write(`masters/${index}.jpg`, await photo.jpeg({ progressive: index % 2 === 1 }).toBuffer())
  }
}

/** Maximum and median of the memory samples, in bytes. */
interface Memory {
  readonly peak: number
  readonly median: number
}

/** Measures the memory of a run over `count` photos. */
async function memoryOfRun(
  project: Project,
  folder: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Memory> {
  await project.touch(`${folder}/notes.txt`)
  for (let index = 0; index < count; index++)
    await link(project.at(`masters/${index % 4}.jpg`), project.at(`${folder}/${index}.jpg`))
  const samples: number[] = []
  const ending = new AbortController()
  let watching: Promise<void> | undefined
  const ended = await imgproc(project, ['thumbs', folder, '-j', '2', '--quiet'], {
    env,
    started(child) {
      watching = (async () => {
        while (!ending.signal.aborted) {
          samples.push(await memoryOf(child.pid ?? 0))
          await sleep(50)
        }
      })()
    },
  })
  ending.abort()
  await watching
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  samples.sort((a, b) => a - b)
  return { peak: samples.at(-1) ?? Infinity, median: samples[Math.floor(samples.length / 2)] ?? Infinity }
}

/** Returns the proportional set size (PSS) of a process and its descendants, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const share = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const own = Number(/^Pss:\s+(\d+) kB/m.exec(share)?.[1] ?? 0) * 1024
  const children = await childrenOf(pid)
  const descendants = await Promise.all(children.map(memoryOf))
  return descendants.reduce((sum, each) => sum + each, own)
}

/** Returns the children of a process. Each thread lists those that it started. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  return lists.flatMap((list) =>
    list
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  )
}

function format({ peak, median }: Memory): string {
  return `${(peak / MEGABYTE).toFixed(0)} MB peak, ${(median / MEGABYTE).toFixed(0)} MB median`
}
