import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { BIN } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const IMAGES = 500
/** Number of kills. Set the environment variable `KILLS` for more. */
const KILLS = Number(process.env['KILLS'] ?? 12)
const SEED = 0x2f6e2b1

describe('a killed run', () => {
  it('leaves no partial output, and the next run renders only the rest', async () => {
    const project = await makeProject()
    const names = Array.from({ length: IMAGES }, (_, index) => `photos/${index}.jpg`)
    await project.copy('photos/grey.jpg', ...names)
    const random = createRandom(SEED)
    let kills = 0
    // Each round renders all images at another size, over as many killed runs as it takes.
    for (let size = 40; kills < KILLS; size++) {
      const reported: string[] = []
      for (let killed = true; killed;) {
        const ended = await runAndKill(project, size, kills < KILLS ? 150 + random() * 1500 : Infinity)
        reported.push(...ended.written)
        killed = ended.killed
        if (killed) kills++
        await expectWhole(project)
      }
      // No reported output is rendered twice. Those in progress at a kill are rendered by the next run.
      expect(reported.length).toBe(new Set(reported).size)
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

/** Starts a run and kills it after some milliseconds. Returns if it was killed, and the sources it reported as written. */
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

/** Returns the sources that the lines of `--json` report as written. A cut-off line reports none. */
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

/** Expects every output to be complete. */
async function expectWhole(project: Project): Promise<void> {
  const names = (await project.files('out')).filter((name) => /^\d+\.jpg$/.test(name))
  const sizes = await Promise.all(
    names.map(
      async (name) => (await sharp(project.at(`out/${name}`), { failOn: 'warning' }).stats()).channels.length,
    ),
  )
  expect(sizes.filter((channels) => channels !== 1)).toEqual([])
}

/**
 * Returns a generator of numbers from 0 to 1, the same for the same seed: the linear congruential generator of Numerical
 * Recipes.
 */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
