import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import type { Finder } from '../../../src/analyzers/vision/finder.js'
import { createSourceFindings } from '../../../src/http/renditions/source-findings.js'
import { createHandler } from '../../../src/http/index.js'
import { makeProject } from '../../support/project.js'
import { fixture, open } from '../../support/pictures.js'

const image = await open(await fixture('odd/one-pixel.png'))

/** Returns a finder that notes the names it is asked for. Its answers wait for their turn to be resolved or rejected. */
function createFakeFinder() {
  const asked: string[] = []
  const answers: { resolve: (finding: unknown) => void; reject: (error: Error) => void }[] = []
  const find = (name: string) => {
    asked.push(name)
    return new Promise((resolve, reject) => {
      answers.push({ resolve, reject })
    })
  }
  const finder: Finder = { find, findRegions: async () => [] }
  return { finder, asked, answers }
}

describe('findings of a server', () => {
  it('are found once for one content, also by requests that come together', async () => {
    const { finder, asked, answers } = createFakeFinder()
    const findingsOf = createSourceFindings(finder)
    const both = [findingsOf('a').find('faces', image), findingsOf('a').find('faces', image)]
    answers[0]!.resolve({ faces: [] })
    expect(await Promise.all(both)).toEqual([{ faces: [] }, { faces: [] }])
    expect(await findingsOf('a').findRegions('faces', image)).toEqual([])
    expect(asked).toEqual(['faces'])
  })

  it('are found anew for another content, another analyzer, and a content without a version', async () => {
    const { finder, asked, answers } = createFakeFinder()
    const findingsOf = createSourceFindings(finder)
    for (const content of ['a', 'b', undefined, undefined]) void findingsOf(content).find('faces', image)
    void findingsOf('a').find('objects', image)
    expect(asked).toEqual(['faces', 'faces', 'faces', 'faces', 'objects'])
    for (const { resolve } of answers) resolve({})
  })

  it('of a request that fails are found by the one that waits for it', async () => {
    const { finder, asked, answers } = createFakeFinder()
    const findingsOf = createSourceFindings(finder)
    const gone = findingsOf('a').find('faces', image)
    const waiting = findingsOf('a').find('faces', image)
    answers[0]!.reject(new Error('aborted'))
    await expect(gone).rejects.toThrow('aborted')
    await expect.poll(() => answers.length).toBe(2)
    answers[1]!.resolve({ faces: [1] })
    expect(await waiting).toEqual({ faces: [1] })
    expect(await findingsOf('a').find('faces', image)).toEqual({ faces: [1] })
    expect(asked).toHaveLength(2)
  })

  it('are forgotten for the source that was unused for longest', async () => {
    const { finder, asked } = createFakeFinder()
    const findingsOf = createSourceFindings(finder, 2)
    for (const content of ['a', 'b', 'a', 'c', 'a', 'b']) void findingsOf(content).find('faces', image)
    expect(asked).toHaveLength(4)
  })

  it('serve ten widths of a photo with one search, and another after it has changed', async () => {
    const project = await makeProject()
    const draw = async (background: string) =>
      sharp({ create: { width: 300, height: 200, channels: 3, background } })
        .png()
        .toBuffer()
    await project.write('in/photo.png', await draw('red'))
    let searches = 0
    const analyzer = {
      name: 'faces',
      summary: 'One face.',
      analyze: async () => {
        searches++
        return { faces: [{ left: 0.8, top: 0.1, width: 0.1, height: 0.1 }] }
      },
    }
    const handler = createHandler({
      sources: { in: project.at('in') },
      root: project.path,
      analyzers: { faces: analyzer },
    })
    const ask = async (width: number) => {
      const url = `http://localhost/in/photo.png?crop=aspect=1:position=faces&width=${width}`
      const { status } = await handler.fetch(new Request(url))
      expect(status).toBe(200)
    }
    const widths = Array.from({ length: 10 }, (_, index) => 20 + index)
    await Promise.all(widths.slice(0, 5).map(ask))
    for (const width of widths.slice(5)) await ask(width)
    expect(searches).toBe(1)
    await project.write('in/photo.png', await draw('blue'))
    await ask(20)
    expect(searches).toBe(2)
    await handler.close()
  })
})
