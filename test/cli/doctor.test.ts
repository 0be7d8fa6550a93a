import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.js'
import type { Diagnosis } from '../../src/doctor/diagnose.js'
import { TEST_KEYS } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'

let project: Project

beforeEach(async () => {
  for (const [name, value] of Object.entries({ ...TEST_KEYS, IMGPROC_CONFIG: '', IMGPROC_CONCURRENCY: '1' }))
    vi.stubEnv(name, value)
  project = await makeProject()
  vi.spyOn(process, 'cwd').mockReturnValue(project.path)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Runs the command in this process. Returns its output and exit code. */
async function run(...args: string[]) {
  const output: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += String(text)
      return true
    })
  }
  const before = process.exitCode
  process.exitCode = 0
  try {
    await main(['doctor', ...args])
    return { ...output, code: process.exitCode }
  } finally {
    process.exitCode = before
  }
}

describe('imgproc doctor', () => {
  it('prints a list to stdout and exits with 0 if nothing is missing', async () => {
    const { code, stdout, stderr } = await run()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^versions\n {2}ok {9}imgproc {9}\d+\.\d+\.\d+\n/)
    const headings = stdout.split('\n').filter((line) => /^\w/.test(line))
    expect(headings).toEqual(['versions', 'formats', 'threads', 'memory', 'config'])
    expect(stdout).toContain('images at once  1,')
  })

  it('exits with 1 and advice if a check fails', async () => {
    await project.write('imgproc.config.json', '{ "s3": { "endpoint": "http://127.0.0.1:1" } }')
    const { code, stdout, stderr } = await run('s3://photos/2024/')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^s3:\/\/photos\/2024\/\n {2}ok {9}credentials {6}AWS_ACCESS_KEY_ID in/m)
    expect(stdout).toMatch(/^ {2}failed {5}bucket {11}.*no server answers there\. Check the endpoint/m)
    expect(stdout).toMatch(/^ {2}not tried {2}s3:PutObject +fix the problem above first$/m)
    expect(stdout).not.toContain(TEST_KEYS.AWS_SECRET_ACCESS_KEY)
  })

  it('prints JSON with --json', async () => {
    await project.write('other.json', '{ "nothing": 1 }')
    const { code, stdout } = await run('--json', '--config', 'other.json')
    const { ok, checks } = JSON.parse(stdout) as Diagnosis // as --json prints it
    expect({ code, ok }).toEqual({ code: 1, ok: false })
    expect(checks).toContainEqual({
      about: 'versions',
      name: 'Node.js',
      mark: 'ok',
      found: process.versions.node,
    })
    expect(checks.filter(({ mark }) => mark !== 'ok')).toMatchObject([{ about: 'config', mark: 'failed' }])
  })

  it('rejects a location that is not a URL', async () => {
    const { code, stdout, stderr } = await run('photos')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Cannot check "photos": expected a URL')
  })
})
