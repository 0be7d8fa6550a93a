import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { BIN } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const IMAGES = 250
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
        const after = kills < KILLS ? 150 + random() * 750 : Infinity
        const ended = await runAndKill(project, ['--thumbnail', String(size)], after)
        reported.push(...ended.written)
        killed = ended.killed
        if (killed) kills++
        await expectWhole(project)
      }
      expect(await tempFiles(project)).toEqual([])
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
    expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
  })
})

describe.each([
  ['in one process', []],
  ['in worker processes', ['--workers', '2']],
])('temp files of a killed run %s', (_, args) => {
  it('are removed by the next run, also where that writes nothing', async () => {
    const project = await makeProject()
    const names = Array.from({ length: 240 }, (_, index) => `photos/${index % 5}/${index}.jpg`)
    // Outputs of several hundred kilobytes take the longest to write.
    await project.copy('photos/landscape.jpg', ...names)
    const random = createRandom(SEED)
    let left = 0
    for (let round = 0; round < KILLS; round++) {
      const flags = [...args, '--resize', `${900 + round}`, '--format', 'png:compressionLevel=0']
      const first = await runAndKill(project, flags, random() * 300, 'first result')
      expect(first.killed).toBe(true)
      // Kills hit few writes, which take less than a millisecond: one more temp file of a dead process is added.
      const dead = await deadTempFile(project, 'out/3/left.png')
      left += (await tempFiles(project)).length
      await rm(project.at(`photos/${round % 5}/${round}.jpg`), { force: true })
      const ended = await runAndKill(
        project,
        ['--resize', '20', ...args, '--ignore', 'photos/3/**'],
        Infinity,
      )
      expect(ended.killed).toBe(false)
      expect(await tempFiles(project), dead).toEqual([])
    }
    console.log(`${left} temp files of ${KILLS} killed runs`)
  })
})

/** Writes a temp file of a process that was killed. Returns its name. */
async function deadTempFile(project: Project, target: string): Promise<string> {
  const script = `
    import { tempPathFor } from '${new URL('../../dist/stores/file/temp-files.js', import.meta.url).href}'
    import { dirname } from 'node:path'
    import { mkdirSync, writeFileSync } from 'node:fs'
    const [target] = process.argv.slice(-1)
    const path = tempPathFor(dirname(target), target)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(path, 'part')
    process.stdout.write(path)
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, project.at(target)])
  return text(child.stdout)
}

async function tempFiles(project: Project): Promise<string[]> {
  const names = await readdir(project.at('out'), { recursive: true }).catch((): string[] => [])
  return names.filter((name) => name.endsWith('-tmp'))
}

/** Starts a run and kills it some milliseconds after its start or its first result. Returns if it was killed, and the sources it reported as written. */
async function runAndKill(
  project: Project,
  flags: readonly string[],
  after: number,
  from: 'start' | 'first result' = 'start',
): Promise<{ killed: boolean; written: string[] }> {
  const child = spawn(process.execPath, [BIN, 'run', 'photos', ...flags, '--json', '-j', '2'], {
    cwd: project.path,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const output = text(child.stdout)
  const ended = new Promise<boolean>((resolve) =>
    child.once('close', (_, signal) => resolve(signal === 'SIGKILL')),
  )
  const timer = new AbortController()
  if (from === 'first result') await once(child.stdout, 'data')
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
