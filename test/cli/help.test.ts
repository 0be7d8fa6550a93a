import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { imgproc, imgprocs } from './command.js'

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
} // this package's

describe('imgproc', () => {
  it.each(['--version', '-V'])('prints its version with %s', async (flag) => {
    const ended = await imgproc(await makeProject(), [flag])
    expect(ended).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  })

  it('has help that fits into 80 columns', async () => {
    const commands = [
      [],
      ['run'],
      ['list'],
      ['list', 'presets'],
      ['list', 'ops'],
      ['explain'],
      ['init'],
      ['inspect'],
      ['report'],
      ['markup'],
      ['completion'],
      ['merge'],
      ['doctor'],
      ['serve'],
      ['token'],
      ['sign'],
      ['worker'],
      ['enqueue'],
      ['status'],
    ]
    const all = await imgprocs(
      await makeProject(),
      commands.map((words) => [...words, '--help']),
    )
    for (const [index, { code, stdout, stderr }] of all.entries()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatchSnapshot(['imgproc', ...(commands[index] ?? [])].join(' '))
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    }
  })

  it('has the same options for thumbs as for run', async () => {
    const [run, thumbs] = await imgprocs(await makeProject(), [
      ['run', '--help'],
      ['thumbs', '--help'],
    ])
    const [about, options] = thumbs?.stdout.split(/^(?=Arguments:)/m) ?? []
    expect(about).toContain('Make thumbnails')
    expect(run?.stdout.split(/^(?=Arguments:)/m)[1]).toBe(options)
  })

  it('shows its help and fails without arguments', async () => {
    const project = await makeProject()
    const { stdout: help } = await imgproc(project, ['--help'])
    expect(await imgproc(project, [])).toEqual({ code: 2, signal: null, stdout: '', stderr: help })
  })
})

describe('list', () => {
  it('shows presets, including those of the config', async () => {
    const project = await makeProject()
    await project.write(
      'mine.yaml',
      'presets: { mine: { ops: [{ thumbnail: 50 }] }, web: { extends: thumb } }',
    )
    const plain = await imgproc(project, ['list', 'presets'])
    expect(plain.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'avatar',
      'placeholder',
      'responsive',
      'social',
      'thumb',
      'web',
      '',
    ])
    for (const args of [['-c', 'mine.yaml'], []]) {
      const env = args.length > 0 ? {} : { IMGPROC_CONFIG: 'mine.yaml' }
      const { stdout } = await imgproc(project, ['list', 'presets', ...args], { env })
      expect(stdout).toContain('mine         thumbnail 50 (config)\n')
      expect(stdout).toContain('web          thumbnail 100x100 (config)\n')
    }
  })

  it('shows presets as JSON', async () => {
    const { stdout } = await imgproc(await makeProject(), ['list', 'presets', '--json'])
    const presets: unknown = JSON.parse(stdout)
    expect(presets).toContainEqual({ name: 'thumb', ops: [{ thumbnail: '100x100' }], origin: 'shipped' })
  })

  it('shows operations with parameters, defaults and an example', async () => {
    const { stdout } = await imgproc(await makeProject(), ['list', 'ops'])
    expect(stdout).toMatch(/^rotate\n {2}Rotates .*\n {2}--rotate 90\n {4}angle +Degrees/m)
    expect(stdout).toMatch(/^ {4}enlarge +.*\(default: false\)$/m)
  })

  it('shows operations as JSON, with the schema of their parameters', async () => {
    const { stdout } = await imgproc(await makeProject(), ['list', 'ops', '--json'])
    const ops = JSON.parse(stdout) as { name: string; params: { properties?: object } }[] // checked below
    expect(ops.find(({ name }) => name === 'resize')?.params.properties).toHaveProperty(
      'enlarge.default',
      false,
    )
    expect(ops.map(({ name }) => name)).toEqual(ops.map(({ name }) => name).toSorted())
  })
})
