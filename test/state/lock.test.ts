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
    take: () => taken(store, ref),
    names: () => readdir(project.at('out/.imgproc')),
    read: async () => JSON.parse(await readFile(ref, 'utf8')) as Record<string, string>,
  }
}

/** A lock that must have been taken. */
async function taken(store: Store, ref: string): Promise<ReleaseLock> {
  const letGo = await lock(store, ref, 'out')
  if (letGo === undefined) throw new Error('nothing could be locked')
  return letGo
}

/** The lock of a process in this place as it was left. */
async function left(changes: object): Promise<string> {
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

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.pid'])
  return Number(stdout)
}

describe('a lock', () => {
  it('keeps a second run out, says who has it, and lets the next in when it is let go', async () => {
    const { take, names } = await setUp()
    const letGo = await take()
    await expect(take()).rejects.toMatchObject({
      code: 'OUTPUT_LOCKED',
      status: 409,
      retryable: true,
      message: `Another imgproc is at work in out: process ${process.pid} on ${hostname()}, for less than a minute. Wait until it ends, or choose another --out.`,
    })
    await letGo()
    expect(await names()).toEqual([])
    const again = await take()
    await again()
  })

  it('goes to one of many that want it at once, also where a dead process has left it', async () => {
    const { project, take, names } = await setUp()
    for (const pid of [undefined, await deadPid()]) {
      if (pid !== undefined) await project.write('out/.imgproc/lock', await left({ pid }))
      const all = await Promise.allSettled(Array.from({ length: 20 }, take))
      const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(won).toHaveLength(1)
      await won[0]?.()
      expect(await names()).toEqual([])
    }
  })

  it.each(['', '{', '{}', '{ "token": "../../x" }'])(
    'is taken over where its file says nothing: %j',
    async (content) => {
      const { project, take, names } = await setUp()
      await project.write('out/.imgproc/lock', content)
      const again = await take()
      await again()
      expect(await names()).toEqual([])
    },
  )

  it('of a process that was killed is free at once, however lately it beat', async () => {
    const { project, take, names } = await setUp()
    await project.write('out/.imgproc/lock', await left({ pid: await deadPid(), beat: ago(0) }))
    const again = await take()
    await again()
    expect(await names()).toEqual([])
  })

  it('is taken over from one that died while taking it over, and nothing of it stays', async () => {
    const { project, take, names } = await setUp()
    const pid = await deadPid()
    await project.write('out/.imgproc/lock', await left({ pid, token: 'heir', after: 'first' }))
    await project.write('out/.imgproc/lock.first', await left({ pid, token: 'heir' }))
    await project.write('out/.imgproc/lock.heir', await left({ pid, token: 'next' }))
    const again = await take()
    expect(await names()).toEqual(['lock'])
    await again()
    expect(await names()).toEqual([])
  })

  it.runIf(process.platform === 'linux')('is not kept by another process of the same number', async () => {
    const { project, take, names } = await setUp()
    await project.write('out/.imgproc/lock', await left({ born: '1' }))
    const again = await take()
    await again()
    expect(await names()).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'is not kept by a process that has ended and lies around',
    async () => {
      const { project, take } = await setUp()
      // The shell becomes another program, which never asks after the child: before that ends, or the shell might.
      const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'])
      onTestFinished(() => void parent.kill())
      const pid = Number(await new Promise((resolve) => void parent.stdout.once('data', resolve)))
      const lies = async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ')
      await vi.waitFor(lies, 20_000)
      await project.write('out/.imgproc/lock', await left({ pid }))
      const again = await take()
      await again()
    },
  )

  it.each(['elsewhere', hostname()])(
    'stays while it beats with a process that nobody can ask after, and says which file to remove: %s',
    async (host) => {
      const { project, take, ref } = await setUp()
      const content = await left({ host, space: 'elsewhere', pid: await deadPid(), beat: ago(60) })
      await project.write('out/.imgproc/lock', content)
      await expect(take()).rejects.toThrow(/ on \S+, for 60 minutes\..*remove .*\/lock\./)
      expect(await readFile(ref, 'utf8')).toBe(content)
    },
  )

  it.each(['elsewhere', hostname()])(
    'is taken over from where nobody can ask after a silence: %s',
    async (host) => {
      const { project, take, names } = await setUp()
      const silent = await left({ host, space: 'elsewhere', beat: ago(130) })
      await project.write('out/.imgproc/lock', silent)
      const again = await take()
      await again()
      expect(await names()).toEqual([])
    },
  )

  it('tells that its holder lives, until it is let go or taken away', async () => {
    const { project, take, read, names } = await setUp()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const letGo = await take()
    const { beat = '', ...before } = await read()
    vi.advanceTimersByTime(20_000)
    await vi.waitFor(async () => expect((await read())['beat']).not.toBe(beat))
    const { beat: next = '', ...after } = await read()
    expect(after).toEqual(before)
    expect(Date.parse(next) - Date.parse(beat)).toBeGreaterThanOrEqual(20_000)
    const other = await left({ token: 'other' })
    await project.write('out/.imgproc/lock', other)
    vi.advanceTimersByTime(20_000)
    await letGo()
    expect(await read()).toEqual(JSON.parse(other))
    expect(await names()).toEqual(['lock'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lies among keys as well', async () => {
    const store = createMemoryStore()
    const ref = 'memory://out/.imgproc/lock'
    const letGo = await taken(store, ref)
    await expect(lock(store, ref, 'memory://out')).rejects.toMatchObject({ code: 'OUTPUT_LOCKED' })
    await letGo()
    const again = await taken(store, ref)
    await again()
  })

  it('is free again where nothing may be removed', async () => {
    const memory = createMemoryStore()
    const remove = async (ref: string) => {
      throw new ImgprocError('ACCESS_DENIED', `${ref} may not be removed.`)
    }
    const ref = 'memory://out/.imgproc/lock'
    const letGo = await taken({ ...memory, remove }, ref)
    await letGo()
    const again = await taken({ ...memory, remove }, ref)
    await expect(lock(memory, ref, 'out')).rejects.toMatchObject({ code: 'OUTPUT_LOCKED' })
    await again()
  })

  it('is passed over where none can be written', async () => {
    const { project, store, ref } = await setUp()
    await project.write('out/.imgproc', 'a file in the way')
    expect(await lock(store, ref, 'out')).toBeUndefined()
  })
})
