import { readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nextName, useRedis } from '../queue/setup.js'
import { makeProject, type Project } from '../support/project.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { serve } from '../support/serve.js'
import { startWorker } from '../support/worker.js'
import { pixelsOf } from '../support/pictures.js'
import { spawnImgproc } from './command.js'

const redis = useRedis()

/** A module that paints everything in one grey, and tells its process by writing its id. */
function fill(version: number, value: number): string {
  return `import { appendFileSync } from 'node:fs'
export default {
  name: 'fill',
  summary: 'Paints everything in one grey.',
  version: ${version},
  params(input) {
    const { value = ${value} } = input
    if (!Number.isInteger(value)) throw new Error('value: expected a whole number')
    return { value }
  },
  shorthand: (value) => ({ value }),
  apply(pixels, { value }) {
    appendFileSync(new URL('pids.txt', import.meta.url), process.pid + '\\n')
    pixels.data.fill(value)
    return pixels
  },
}`
}

const CONFIG = JSON.stringify({
  operations: { fill: './ops/fill.mjs' },
  presets: {
    painted: { ops: [{ thumbnail: 40 }, { fill: true }], formats: ['png'], path: '{name}-painted.{ext}' },
    plain: { ops: [{ thumbnail: 40 }], formats: ['png'], path: '{name}-plain.{ext}' },
  },
})

async function makeProjectWithFill(photos = 3): Promise<Project> {
  const project = await makeProject()
  const names = Array.from({ length: photos }, (_, index) => `photos/${index}.jpg`)
  await project.copy('photos/landscape.jpg', ...names)
  await project.write('ops/fill.mjs', fill(1, 100))
  await project.write('imgproc.config.json', CONFIG)
  return project
}

async function greyOf(project: Project, file: string): Promise<number | undefined> {
  return (await pixelsOf(await readFile(project.at(file)))).data[0]
}

const RUN = ['run', 'photos', '-p', 'painted', '-p', 'plain', '-o', 'out']

describe('operations of the config', () => {
  it('have a flag, help, a place in lists, and nearest names in errors', async () => {
    const project = await makeProjectWithFill(1)
    const made = await spawnImgproc(project, [
      'run',
      'photos/0.jpg',
      '--fill',
      '77',
      '--resize',
      '20',
      '-o',
      'a.png',
    ])
    expect(made.stderr).toContain('1 written')
    expect(await greyOf(project, 'a.png')).toBe(77)
    expect((await spawnImgproc(project, ['run', '--help'])).stdout).toMatch(
      /--fill \[value\] +Paints everything/,
    )
    expect((await spawnImgproc(project, ['list', 'ops', 'fill'])).stdout).toContain(
      'Paints everything in one grey.',
    )
    expect((await spawnImgproc(project, ['complete', '--', 'run', '--fi'])).stdout).toContain(
      '--fill\tPaints',
    )
    expect((await spawnImgproc(project, ['list', 'ops', 'fil'])).stderr).toContain('Did you mean "fill"?')
    const wrong = await spawnImgproc(project, ['run', 'photos', '--fill=value=0.5'])
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('value: expected a whole number'),
    })
  })

  it('make their outputs again when their version changes, and no others', async () => {
    const project = await makeProjectWithFill(3)
    expect((await spawnImgproc(project, RUN)).stderr).toContain('6 written')
    expect((await spawnImgproc(project, RUN)).stderr).toContain('0 written, 6 unchanged')
    await project.write('ops/fill.mjs', fill(2, 200))
    const { stdout } = await spawnImgproc(project, ['check', ...RUN.slice(1)])
    expect(stdout.match(/recipe changed .*painted/g)).toHaveLength(3)
    expect((await spawnImgproc(project, RUN)).stderr).toContain('3 written, 3 unchanged')
    expect(await greyOf(project, 'out/0-painted.png')).toBe(200)
    expect((await spawnImgproc(project, RUN)).stderr).toContain('0 written, 6 unchanged')
  })

  it('run in worker processes', async () => {
    const project = await makeProjectWithFill(8)
    const { stderr } = await spawnImgproc(project, [...RUN, '--workers', '2'])
    expect(stderr).toContain('16 written')
    const processes = new Set((await readFile(project.at('ops/pids.txt'), 'utf8')).trim().split('\n'))
    expect(processes.size).toBe(2)
    expect(await greyOf(project, 'out/7-painted.png')).toBe(100)
  })

  it('are refused with the module and the reason if it fails to load', async () => {
    const project = await makeProjectWithFill(1)
    await project.write('ops/fill.mjs', 'export default { name: "fill" }')
    const { code, stderr } = await spawnImgproc(project, RUN)
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The operation "fill": ./ops/fill.mjs exports no operation'),
    })
  })

  it('are refused if their flag has another meaning', async () => {
    const project = await makeProjectWithFill(1)
    await project.write('ops/fill.mjs', fill(1, 1).replace("'fill'", "'quality'"))
    await project.write('imgproc.config.json', '{"operations":{"quality":"./ops/fill.mjs"}}')
    const { code, stderr } = await spawnImgproc(project, ['run', 'photos', '--resize', '10'])
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('its flag --quality has another meaning'),
    })
  })

  it('are parameters of the URLs of serve', async () => {
    const project = await makeProjectWithFill(1)
    const served = JSON.stringify({
      ...(JSON.parse(CONFIG) as object),
      serve: { sources: { photos: './photos' } },
    })
    await project.write('imgproc.config.json', served)
    const { url } = await serve(project)
    const response = await fetch(`${url}/photos/0.jpg?thumbnail=20&fill=55&format=png`)
    expect(response.status).toBe(200)
    expect((await pixelsOf(Buffer.from(await response.arrayBuffer()))).data[0]).toBe(55)
    const wrong = await fetch(`${url}/photos/0.jpg?fil=55`)
    expect({ status: wrong.status, text: await wrong.text() }).toMatchObject({
      status: 400,
      text: expect.stringContaining('fill'),
    })
  })
})

describe.skipIf(!hasRedis)(`operations of the config and a queue${NEEDS_REDIS}`, () => {
  it('run in a worker that has them, and are refused by one that has none or another version', async () => {
    const project = await makeProjectWithFill(2)
    const name = nextName()
    const at = ['--queue', redis().url, '--queue-name', name, '--shared', '.']
    const worker = await startWorker(project, redis().url, ['--queue-name', name, '--shared', '.'])
    expect((await spawnImgproc(project, [...RUN, ...at])).stderr).toContain('4 written')
    expect(await greyOf(project, 'out/0-painted.png')).toBe(100)
    expect((await readFile(project.at('ops/pids.txt'), 'utf8')).split('\n')[0]).toBe(String(worker.child.pid))
    // This worker has loaded version 1.
    await project.write('ops/fill.mjs', fill(2, 200))
    const other = await spawnImgproc(project, [...RUN, ...at])
    expect(other.stderr).toContain(
      'it needs version 2 of the operation "fill", and this worker has its version 1',
    )
    await worker.stop()

    await project.write('bare.json', '{}')
    const bare = await startWorker(project, redis().url, [
      '--queue-name',
      name,
      '--shared',
      '.',
      '--config',
      'bare.json',
    ])
    onTestFinished(async () => void (await bare.stop('SIGKILL')))
    const refused = await spawnImgproc(project, [...RUN, ...at])
    expect(refused.stderr).toContain('A worker refuses the job')
    expect(refused.stderr).toContain('"fill", and this worker does not have it')
  })
})
