import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { BIN } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const IMAGES = 500
/** More by hand: KILLS=50. */
const KILLS = Number(process.env['KILLS'] ?? 12)
const SEED = 0x2f6e2b1

describe('a run that is killed', () => {
  it('leaves no partial output, and the next one goes on where it was', async () => {
    const project = await makeProject()
    const names = Array.from({ length: IMAGES }, (_, index) => `photos/${index}.jpg`)
    await project.copy('photos/grey.jpg', ...names)
    const random = createRandom(SEED)
    let kills = 0
    // Each round makes all of them in another size, whatever is killed on the way.
    for (let size = 40; kills < KILLS; size++) {
      const told: string[] = []
      for (let killed = true; killed;) {
        const ended = await runAndKill(project, size, kills < KILLS ? 150 + random() * 1500 : Infinity)
        told.push(...ended.written)
        killed = ended.killed
        if (killed) kills++
        await expectWhole(project)
      }
      // What a run has told of isn't made again; what was in flight when it was killed, the next one makes.
      expect(told.length).toBe(new Set(told).size)
      expect((await sharp(project.at('out/7.jpg')).metadata()).width).toBe(size)
    }
    console.log(`killed ${kills} times`)
    const manifest = JSON.parse(await readFile(project.at('out/manifest.json'), 'utf8')) as {
      entries: { status: string; outputs: { path: string }[] }[]
    }
    expect(manifest.entries.filter(({ status }) => status === 'ready')).toHaveLength(IMAGES)
    expect((await project.files('out')).filter((name) => name.endsWith('.jpg'))).toHaveLength(IMAGES)
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['seen.json'])
  })
})

/** Runs until so many milliseconds have gone by; what it has told of as written. */
async function runAndKill(
  project: Project,
  size: number,
  after: number,
): Promise<{ killed: boolean; written: string[] }> {
  const child = spawn(
    process.execPath,
    [BIN, 'run', 'photos', '--thumbnail', String(size), '--json', '-j', '2'],
    {
      cwd: project.path,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const output = text(child.stdout)
  const ended = new Promise<boolean>((resolve) =>
    child.once('close', (_, signal) => resolve(signal === 'SIGKILL')),
  )
  const timer = new AbortController()
  if (Number.isFinite(after)) {
    void sleep(after, undefined, { signal: timer.signal }).then(
      () => child.kill('SIGKILL'),
      () => {},
    )
  }
  const killed = await ended
  timer.abort()
  return { killed, written: writtenIn(await output) }
}

/** The sources whose thumbnails a run says that it has written; a line that was torn off says nothing. */
function writtenIn(stdout: string): string[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      const { source, outputs = [] } = JSON.parse(line) as { source?: string; outputs?: { action: string }[] }
      return source !== undefined && outputs.some(({ action }) => action === 'written') ? [source] : []
    } catch {
      return []
    }
  })
}

/** Every picture that has its name is there to the last byte. */
async function expectWhole(project: Project): Promise<void> {
  const names = (await project.files('out')).filter((name) => /^\d+\.jpg$/.test(name))
  const sizes = await Promise.all(
    names.map(
      async (name) => (await sharp(project.at(`out/${name}`), { failOn: 'warning' }).stats()).channels.length,
    ),
  )
  expect(sizes.filter((channels) => channels !== 1)).toEqual([])
}

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
