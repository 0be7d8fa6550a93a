import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProject, type Project } from '../support/project.js'
import { execute } from './command.js'
import type { Ended } from './in-process.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Creates a copy of the package without sharp's native binary, as if installed for another platform. */
async function openPackage(): Promise<Project> {
  const project = await openProject()
  const link = (name: string) => symlink(`${ROOT}${name}`, project.at(name), 'junction')
  await project.copy('../package.json', 'package.json')
  for (const name of ['dist', 'presets']) await link(name)
  await mkdir(project.at('bin'))
  for (const name of await readdir(`${ROOT}bin`)) await project.copy(`../bin/${name}`, `bin/${name}`)
  await mkdir(project.at('node_modules'))
  for (const name of await readdir(`${ROOT}node_modules`))
    if (!name.startsWith('.') && name !== '@img' && name !== 'sharp') await link(`node_modules/${name}`)
  // The folder of a linked package would have the binary beside it.
  await cp(`${ROOT}node_modules/sharp`, project.at('node_modules/sharp'), { recursive: true })
  await project.copy('photos/cmyk.jpg', 'photos/a.jpg')
  return project
}

describe('without sharp for this platform', () => {
  let project: Project
  beforeAll(async () => {
    project = await openPackage()
  })
  afterAll(() => rm(project.path, { recursive: true, force: true }))

  const imgproc = (...args: readonly string[]): Promise<Ended> =>
    execute(project, process.execPath, ['--preserve-symlinks', 'bin/imgproc.cjs', ...args])

  it('a run fails with advice and writes nothing', async () => {
    const { code, stderr } = await imgproc('thumbs', 'photos', '--out', 'out')
    expect(stderr).toMatch(/^error Can't load sharp, which reads and writes all images\. /)
    expect(stderr).toContain('npm install')
    expect(stderr).not.toContain('bug')
    expect(code).toBe(2)
    expect(await project.files('out')).toEqual([])
  })

  it('the same holds for JPEGs, which would be made without it', async () => {
    const { code, stderr } = await imgproc('thumbs', 'photos/a.jpg', '--out', 'out')
    expect(stderr).toMatch(/^error Can't load sharp/)
    expect(code).toBe(2)
  })

  it('the doctor reports that sharp is missing', async () => {
    const { code, stdout } = await imgproc('doctor')
    expect(stdout).toMatch(/missing +sharp +Can't load sharp/)
    expect(stdout).not.toContain('formats')
    expect(code).toBe(1)
  })

  it('listing presets and planning work', async () => {
    expect(await imgproc('list', 'presets')).toMatchObject({ code: 0, stderr: '' })
    const { code, stdout } = await imgproc('thumbs', 'photos', '--dry-run')
    expect(stdout).toContain('photos/a.jpg')
    expect(code).toBe(0)
  })
})
