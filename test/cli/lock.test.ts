import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { lock } from '../../src/state/lock.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc } from './command.js'
import type { Ended } from './in-process.js'

async function makePhotos(count: number): Promise<Project> {
  const project = await makeProject()
  await project.copy(
    'photos/grey.jpg',
    ...Array.from({ length: count }, (_, index) => `photos/${index + 100}.jpg`),
  )
  return project
}

/** Sends a signal to a run when it prints its first result. */
function stopBy(signal: NodeJS.Signals, project: Project): Promise<Ended> {
  return imgproc(project, ['thumbs', 'photos', '--json', '-j', '1'], {
    started: (child) => void child.stdout?.once('data', () => child.kill(signal)),
  })
}

describe('locked output folder', () => {
  it('is reported with exit code 2 and left unchanged', async () => {
    const project = await makePhotos(1)
    const store = createFileStore({ cwd: project.path })
    const release = await lock(store, project.at('thumbs/.imgproc/lock'), 'thumbs')
    const ended = await imgproc(project, ['thumbs', 'photos'])
    expect(ended).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: `error Another imgproc is writing to thumbs: process ${process.pid} on ${hostname()}, for less than a minute. Wait until it ends, or choose another out (--out).\nhelp: imgproc explain OUTPUT_LOCKED\n`,
    })
    expect(await project.files('thumbs')).toEqual([])
    expect(await imgproc(project, ['check', 'photos', '-p', 'thumb', '-o', 'thumbs'])).toMatchObject({
      code: 1,
    })
    expect(await imgproc(project, ['thumbs', 'photos', '-o', 'else'])).toMatchObject({ code: 0 })
    await release?.()
    expect(await imgproc(project, ['thumbs', 'photos'])).toMatchObject({ code: 0 })
  })

  it.runIf(process.platform !== 'win32').each(['SIGKILL', 'SIGINT'] as const)(
    'is unlocked when the other run ends by %s',
    async (signal) => {
      const project = await makePhotos(100)
      expect(await stopBy(signal, project)).toMatchObject({ code: null, signal })
      const left = await readdir(project.at('thumbs/.imgproc'))
      expect(left.includes('lock')).toBe(signal === 'SIGKILL')
      const ended = await imgproc(project, ['thumbs', 'photos'])
      expect(ended.code, ended.stderr).toBe(0)
      expect(await readdir(project.at('thumbs/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
    },
  )
})
