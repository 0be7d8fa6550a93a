import { spawnSync } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'

const LOADER = fileURLToPath(new URL('../../bin/node-20.cjs', import.meta.url))

const MODULE = `// 1
exports.double = (value) => value * 2
exports.join = (a, b) => require('node:path').posix.join(a, b)`

let project: Project

beforeEach(async () => {
  project = await makeProject()
  await project.write('module.cjs', MODULE)
})

/** Loads the module in a process of its own, calls it and saves its code. Returns what the process prints. */
function load(isWhole = true): unknown {
  const script = `
    const { exports, save } = require(${JSON.stringify(LOADER)}).loadWithCache(
      ${JSON.stringify(project.at('module.cjs'))}, ${JSON.stringify(project.at('cache'))}, 'thumbs')
    console.log(JSON.stringify([exports.double(4), exports.join('a', 'b')]))
    save(${isWhole})`
  const { stdout, stderr } = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const cached = async () => (await readdir(project.at('cache'))).map((name) => name.replace(/-v.*-/, '-'))

describe('the compiled code of a module', () => {
  it('is saved by one run and used by the next', async () => {
    expect([load(), load()]).toEqual([
      [8, 'a/b'],
      [8, 'a/b'],
    ])
    const [name = ''] = await readdir(project.at('cache'))
    const before = await readFile(project.at(`cache/${name}`))
    load()
    expect(await readFile(project.at(`cache/${name}`))).toEqual(before)
  })

  it('is not used for a changed module of the same length', async () => {
    load()
    await project.write('module.cjs', MODULE.replace('// 1', '// 2').replace('value * 2', 'value * 3'))
    expect(load()).toEqual([12, 'a/b'])
  })

  it('of a run that called few functions is replaced by that of one that called most', async () => {
    load(false)
    const [part] = await cached()
    expect(part).toMatch(/^thumbs-1-.*part$/)
    load(true)
    const before = await cached()
    expect(before).toHaveLength(2)
    load(false)
    expect(await cached()).toEqual(before)
  })

  it('is compiled again if the saved one is damaged', async () => {
    load()
    const [name = ''] = await readdir(project.at('cache'))
    await writeFile(project.at(`cache/${name}`), 'damaged')
    expect(load()).toEqual([8, 'a/b'])
    expect((await readFile(project.at(`cache/${name}`))).length).toBeGreaterThan('damaged'.length)
  })

  it('is not saved if the folder cannot be written to', async () => {
    await project.write('cache', 'a file')
    expect(load()).toEqual([8, 'a/b'])
    expect(await readFile(project.at('cache'), 'utf8')).toBe('a file')
  })
})
