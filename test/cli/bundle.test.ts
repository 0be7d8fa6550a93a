import { describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { imgproc } from './command.js'

/** The built library. A module that imports it loads a second copy, besides the one bundled into the command. */
const LIBRARY = new URL('../../dist/bundle/index.js', import.meta.url).href

async function makeSite(config: object): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg')
  await project.write('imgproc.config.json', JSON.stringify(config))
  return project
}

const ERROR = "new ImgprocError('TIMED_OUT', 'No response.', { stage: 'read' })"

describe("ImgprocError of a user's module", () => {
  it.each(['0', '1'])('keeps its code if an analyzer throws it, with %s workers', async (workers) => {
    const project = await makeSite({ analyzers: { ask: './ask.mjs' } })
    await project.write(
      'ask.mjs',
      `import { ImgprocError, defineAnalyzer } from '${LIBRARY}'
      export default defineAnalyzer({ summary: 'Asks.', analyze: () => { throw ${ERROR} } })`,
    )
    const args = ['run', 'photos', '--thumbnail', '40', '--analyze', 'ask', '--workers', workers, '--json']
    const { code, stdout } = await imgproc(project, args)
    expect(code).toBe(1)
    expect(stdout).toContain('TIMED_OUT')
    expect(stdout).not.toContain('INTERNAL')
  })

  it('keeps its code if a store throws it', async () => {
    const project = await makeSite({ stores: { far: './far.mjs' } })
    await project.write(
      'far.mjs',
      `import { ImgprocError, defineStore } from '${LIBRARY}'
      export default defineStore({
        scheme: 'far',
        async *list() {},
        stat: async (ref) => ({ ref, size: 100 }),
        read: async () => { throw ${ERROR} },
      })`,
    )
    const { code, stdout } = await imgproc(project, ['thumbs', 'far://host/a.jpg', '--json'])
    expect(code).toBe(1)
    expect(stdout).toContain('TIMED_OUT')
    expect(stdout).not.toContain('INTERNAL')
  })
})
