import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { imgproc, shell } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'

const COUNT = 60
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
  it.each([
    ['SIGINT', []],
    ['SIGTERM', []],
    ['SIGHUP', []],
    ['SIGINT', ['--workers', '2']],
    ['SIGHUP', ['--workers', '2']],
  ] as const)(
    'ends by %s with a manifest of the finished outputs, and the next run completes: %j',
    async (signal, workers) => {
      const project = await makePhotos()
      const ended = await imgproc(project, [...ARGS, '--json', ...workers], {
        detached: workers.length > 0,
        started(child) {
          let lines = 0
          child.stdout?.on('data', (data: Buffer) => {
            const before = lines
            lines += data.toString().split('\n').length - 1
            if (before >= 5 || lines < 5) return
            // A terminal signals all processes of a command.
            if (workers.length > 0) process.kill(-child.pid!, signal)
            else child.kill(signal)
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

      await expectCompleted(project)
    },
  )

  it.each([[[]], [['--workers', '2']]])(
    'ends quietly when the reader of stdout or stderr goes: %j',
    async (workers) => {
      const project = await makePhotos()
      const command = ['imgproc', ...ARGS, ...workers].join(' ')
      const line = `(${command} --json; echo $? >code) | head -1`
      const ended = await shell(project, line)
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(ended.stdout.split('\n')).toHaveLength(2)
      expect(await readFile(project.at('code'), 'utf8')).toBe('141\n')
      expect((await checkOutputs(project)).length).toBeLessThan(COUNT * OUTPUTS)
      await shell(project, `(${command} --verbose; echo $? >code) 2>&1 | head -1`)
      expect(await readFile(project.at('code'), 'utf8')).toBe('0\n')
      await expectCompleted(project)
    },
  )

  it.each([[[]], [['--workers', '2']]])('completes with at most 64 open files: %j', async (workers) => {
    const project = await makePhotos()
    const command = ['imgproc', ...ARGS, ...workers].join(' ')
    const ended = await shell(project, `ulimit -n 64; ${command} --quiet`)
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    await expectCompleted(project)
  })

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

/** Expects that the same command makes the missing outputs, and leaves neither a lock, a journal nor temp files. */
async function expectCompleted(project: Project): Promise<void> {
  const ended = await imgproc(project, ARGS)
  expect(ended.code, ended.stderr).toBe(0)
  expect(await checkOutputs(project)).toHaveLength(COUNT * OUTPUTS)
  expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
}

/** Calls back once, when a process first prints a text to stderr. */
function onText(child: ChildProcess, text: string, callback: () => void): void {
  let printed = ''
  child.stderr?.on('data', (data: Buffer) => {
    const before = printed.includes(text)
    printed += String(data)
    if (!before && printed.includes(text)) callback()
  })
}
