import type { ChildProcess } from 'node:child_process'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { imgproc, shell } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const COUNT = 200
const OUTPUTS = 4
const ARGS = ['run', 'photos', '--widths', '100,200', '--formats', 'webp,jpeg', '-j', '2']

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  const names = Array.from({ length: COUNT }, (_, index) => `photos/${index + 100}.jpg`)
  await project.copy('photos/progressive.jpg', ...names)
  return project
}

/** Expects every output in the manifest to be complete, and no others. Returns their paths. */
async function checkOutputs(project: Project): Promise<string[]> {
  const { entries } = await readManifest(project.at('out/manifest.json'))
  const listed = entries.flatMap(({ outputs }) => outputs.map(({ path }) => path))
  for (const path of listed) await sharp(project.at(`out/${path}`), { failOn: 'warning' }).stats()
  expect(await project.files('out')).toEqual([...listed, 'manifest.json'].toSorted())
  return listed
}

describe.runIf(process.platform !== 'win32')('an interrupted run of many images', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends by %s with a manifest of the finished outputs, and the next run completes',
    async (signal) => {
      const project = await makePhotos()
      const ended = await imgproc(project, [...ARGS, '--json'], {
        started(child) {
          let lines = 0
          child.stdout?.on('data', (data: Buffer) => {
            const before = lines
            lines += data.toString().split('\n').length - 1
            if (before < 5 && lines >= 5) child.kill(signal)
          })
        },
      })
      expect(ended).toMatchObject({ code: null, signal })
      expect(ended.stderr).toContain('stopping: finishing the images in progress')
      expect(ended.stderr).not.toContain('failed')
      const results = ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object) // written by the CLI
      expect(results.at(-1)).toHaveProperty('summary.sources.total', results.length - 1)
      const listed = await checkOutputs(project)
      expect(listed).toHaveLength((results.length - 1) * OUTPUTS)
      expect(results.length).toBeLessThan(COUNT / 2)

      const second = await imgproc(project, ARGS)
      expect(second.code, second.stderr).toBe(0)
      expect(await checkOutputs(project)).toHaveLength(COUNT * OUTPUTS)
    },
  )

  it('stops a shell loop around it', async () => {
    const project = await makePhotos()
    const command = ['imgproc', ...ARGS, '--verbose'].join(' ')
    const { code, signal, stdout } = await shell(project, `for n in 1 2 3; do echo $n; ${command}; done`, {
      detached: true,
      started(child) {
        // To the whole process group, like Ctrl-C in a terminal.
        onText(child, 'written', () => process.kill(-child.pid!, 'SIGINT'))
      },
    })
    expect({ code, signal, stdout }).toEqual({ code: null, signal: 'SIGINT', stdout: '1\n' })
  })

  it('ends at once when it is interrupted again', async () => {
    const project = await makePhotos()
    // AVIF is slow, so the run is still going after two seconds.
    const ended = await imgproc(project, ['run', 'photos', '-p', 'responsive', '--formats', 'avif'], {
      started(child) {
        setTimeout(() => child.kill('SIGINT'), 2000)
        onText(child, 'stopping', () => child.kill('SIGINT'))
      },
    })
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT' })
    expect(await project.files('out')).not.toContain('manifest.json')
  })
})

/** Calls back once, when a process first prints a text to stderr. */
function onText(child: ChildProcess, text: string, callback: () => void): void {
  let printed = ''
  child.stderr?.on('data', (data: Buffer) => {
    const before = printed.includes(text)
    printed += String(data)
    if (!before && printed.includes(text)) callback()
  })
}
