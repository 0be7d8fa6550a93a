import { execFile, spawn } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { lock, type ReleaseLock } from '../../src/state/lock.js'
import type { Store } from '../../src/stores/types.js'
import { ImgprocError } from '../../src/errors.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { makeProject } from '../support/project.js'

async function setUp() {
  const project = await makeProject()
  const ref = project.at('out/.imgproc/lock')
  const store = createFileStore({ cwd: project.path })
  return {
    project,
    ref,
    store,
    acquire: () => acquireLock(store, ref),
    names: () => readdir(project.at('out/.imgproc')),
    read: async () => JSON.parse(await readFile(ref, 'utf8')) as Record<string, string>,
  }
}

/** Locks, and fails the test if the lock file cannot be written. */
async function acquireLock(store: Store, ref: string): Promise<ReleaseLock> {
  const release = await lock(store, ref, 'out')
  if (release === undefined) throw new Error('the lock file could not be written')
  return release
}

/** Returns the content of a lock file of a process on this machine. */
async function lockFile(changes: object): Promise<string> {
  const machine = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname())
  const container = await readlink('/proc/self/ns/pid').catch(() => '')
  return JSON.stringify({
    token: 't',
    pid: process.pid,
    host: hostname(),
    space: `${machine.trim()} ${container}`.trim(),
    since: ago(60 * 60),
    beat: ago(1),
    ...changes,
  })
}

function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString()
}

/** Returns the id of a process that has ended. */
async function deadPid(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.pid'])
  return Number(stdout)
}

describe('lock', () => {
  it('rejects a second run, names the holder, and admits the next run after a release', async () => {
    const { acquire, names } = await setUp()
    const release = await acquire()
    await expect(acquire()).rejects.toMatchObject({
      code: 'OUTPUT_LOCKED',
      status: 409,
      retryable: true,
      message: `Another imgproc is writing to out: process ${process.pid} on ${hostname()}, for less than a minute. Wait until it ends, or choose another out (--out).`,
    })
    await release()
    expect(await names()).toEqual([])
    const again = await acquire()
    await again()
  })

  it('admits one of many simultaneous runs, even if a dead process left a lock file', async () => {
    const { project, acquire, names } = await setUp()
    for (const pid of [undefined, await deadPid()]) {
      if (pid !== undefined) await project.write('out/.imgproc/lock', await lockFile({ pid }))
      const all = await Promise.allSettled(Array.from({ length: 20 }, acquire))
      const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(won).toHaveLength(1)
      await won[0]?.()
      expect(await names()).toEqual([])
    }
  })

  it.each(['', '{', '{}', '{ "token": "../../x" }'])(
    'replaces an unreadable lock file: %j',
    async (content) => {
      const { project, acquire, names } = await setUp()
      await project.write('out/.imgproc/lock', content)
      const again = await acquire()
      await again()
      expect(await names()).toEqual([])
    },
  )

  it('replaces the lock of a killed process at once, despite a recent heartbeat', async () => {
    const { project, acquire, names } = await setUp()
    await project.write('out/.imgproc/lock', await lockFile({ pid: await deadPid(), beat: ago(0) }))
    const again = await acquire()
    await again()
    expect(await names()).toEqual([])
  })

  it('replaces the lock of a process that died during its takeover, and removes all its files', async () => {
    const { project, acquire, names } = await setUp()
    const pid = await deadPid()
    await project.write('out/.imgproc/lock', await lockFile({ pid, token: 'heir', after: 'first' }))
    await project.write('out/.imgproc/lock.first', await lockFile({ pid, token: 'heir' }))
    await project.write('out/.imgproc/lock.heir', await lockFile({ pid, token: 'next' }))
    const again = await acquire()
    expect(await names()).toEqual(['lock'])
    await again()
    expect(await names()).toEqual([])
  })

  it.runIf(process.platform === 'linux')('replaces the lock of a process whose pid was reused', async () => {
    const { project, acquire, names } = await setUp()
    await project.write('out/.imgproc/lock', await lockFile({ born: '1' }))
    const again = await acquire()
    await again()
    expect(await names()).toEqual([])
  })

  it.runIf(process.platform === 'linux')('replaces the lock of a zombie process', async () => {
    const { project, acquire } = await setUp()
    // `exec` replaces the shell by a program that never waits for its child. The child must outlive the `exec`.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'])
    onTestFinished(() => void parent.kill())
    const pid = Number(await new Promise((resolve) => void parent.stdout.once('data', resolve)))
    const isZombie = async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ')
    await vi.waitFor(isZombie, 60_000)
    await project.write('out/.imgproc/lock', await lockFile({ pid }))
    const again = await acquire()
    await again()
  })

  it.each(['elsewhere', hostname()])(
    'respects the lock of a process on another machine or in another container while it has heartbeats: %s',
    async (host) => {
      const { project, acquire, ref } = await setUp()
      const content = await lockFile({ host, space: 'elsewhere', pid: await deadPid(), beat: ago(60) })
      await project.write('out/.imgproc/lock', content)
      await expect(acquire()).rejects.toThrow(/ on \S+, for 60 minutes\..*remove .*\/lock\./)
      expect(await readFile(ref, 'utf8')).toBe(content)
    },
  )

  it.each(['elsewhere', hostname()])(
    'replaces the lock of another machine or container after two minutes without a heartbeat: %s',
    async (host) => {
      const { project, acquire, names } = await setUp()
      const stale = await lockFile({ host, space: 'elsewhere', beat: ago(130) })
      await project.write('out/.imgproc/lock', stale)
      const again = await acquire()
      await again()
      expect(await names()).toEqual([])
    },
  )

  it('updates its heartbeat until it is released or replaced', async () => {
    const { project, acquire, read, names } = await setUp()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const release = await acquire()
    const { beat = '', ...before } = await read()
    vi.advanceTimersByTime(20_000)
    await vi.waitFor(async () => expect((await read())['beat']).not.toBe(beat), 60_000)
    const { beat: next = '', ...after } = await read()
    expect(after).toEqual(before)
    expect(Date.parse(next) - Date.parse(beat)).toBeGreaterThanOrEqual(20_000)
    const other = await lockFile({ token: 'other' })
    await project.write('out/.imgproc/lock', other)
    vi.advanceTimersByTime(20_000)
    await release()
    expect(await read()).toEqual(JSON.parse(other))
    expect(await names()).toEqual(['lock'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('locks in a store of keys', async () => {
    const store = createMemoryStore()
    const ref = 'memory://out/.imgproc/lock'
    const release = await acquireLock(store, ref)
    await expect(lock(store, ref, 'memory://out')).rejects.toMatchObject({ code: 'OUTPUT_LOCKED' })
    await release()
    const again = await acquireLock(store, ref)
    await again()
  })

  it('can be acquired again if its file could not be removed', async () => {
    const memory = createMemoryStore()
    const remove = async (ref: string) => {
      throw new ImgprocError('ACCESS_DENIED', `no permission to remove ${ref}`)
    }
    const ref = 'memory://out/.imgproc/lock'
    const release = await acquireLock({ ...memory, remove }, ref)
    await release()
    const again = await acquireLock({ ...memory, remove }, ref)
    await expect(lock(memory, ref, 'out')).rejects.toMatchObject({ code: 'OUTPUT_LOCKED' })
    await again()
  })

  it('returns undefined if the lock file cannot be written', async () => {
    const { project, store, ref } = await setUp()
    await project.write('out/.imgproc', 'a file in the way')
    expect(await lock(store, ref, 'out')).toBeUndefined()
  })
})
