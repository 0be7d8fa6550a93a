import { describe, expect, it } from 'vitest'
import type { RunOptions } from '../../../src/run/options.js'
import { plan } from '../../../src/run/plan-run.js'
import { predictOutputs } from '../../../src/run/check/predict-outputs.js'
import { run } from '../../../src/run/run.js'
import { makeProject, type Project } from '../../support/project.js'

/** Returns the predicted paths and those that a run writes. */
async function predictAndMake(project: Project, more: RunOptions) {
  const options = { cwd: project.path, inputs: ['photos'], concurrency: 2, ...more }
  const { jobs } = await plan(options)
  const predicted = await predictOutputs(jobs, options)
  const made: string[] = []
  for await (const { outputs } of run(options))
    made.push(...outputs.flatMap(({ action, path }) => (action === 'written' ? [path] : [])))
  const paths = [...predicted].flatMap(({ renditions }) => renditions.map(({ target }) => target))
  return { predicted: paths.toSorted(), made: made.toSorted() }
}

describe('predictOutputs', () => {
  it('returns the paths that a run writes, without widths above the source', async () => {
    const project = await makeProject()
    // 240x160, one of them turned by its EXIF orientation.
    await project.copy('photos/orientation/Landscape_1.jpg', 'photos/a.jpg')
    await project.copy('photos/orientation/Landscape_6.jpg', 'photos/turned.jpg')
    await project.copy('photos/alpha.png', 'photos/c.png')
    await project.copy('photos/drawing.svg', 'photos/d.svg')
    const wide = await predictAndMake(project, { widths: [60, 120, 500, 900], ops: [] })
    expect(wide.predicted).toEqual(wide.made)
    expect(wide.predicted).toContain('a-240w.jpg')
    const thumbs = await predictAndMake(project, {
      preset: 'thumb',
      pathForAll: '{name}-{width}x{height}.{format}.{ext}',
    })
    expect(thumbs.predicted).toEqual(thumbs.made)
  })

  it('keeps the template of a source whose header cannot be read', async () => {
    const project = await makeProject()
    await project.copy('broken/text.jpg', 'photos/a.jpg')
    const { predicted } = await predictAndMake(project, { preset: 'thumb' })
    expect(predicted).toEqual(['a.thumb.{ext}'])
  })
})
