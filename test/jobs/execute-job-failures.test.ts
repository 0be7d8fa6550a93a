import { mkdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import type { PresetRecipe } from '../../src/plan/types.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { makeProject } from '../support/project.js'
import { makeOne, thumb, web } from '../plan/planning.js'

describe('failing job', () => {
  it.each([
    ['truncated.jpg', 'CORRUPT_IMAGE'],
    ['truncated.png', 'CORRUPT_IMAGE'],
    ['empty.jpg', 'CORRUPT_IMAGE'],
    ['garbage.png', 'UNSUPPORTED_FORMAT'],
    ['text.jpg', 'UNSUPPORTED_FORMAT'],
  ])('fails once as a whole, with any number of renditions: %s', async (name, code) => {
    const project = await makeProject()
    await project.copy(`broken/${name}`, name)
    const result = await makeOne(project, { presets: [thumb, web, { ...web, name: 'other' }] })
    expect(result).toMatchObject({ status: 'failed', outputs: [], error: { code, stage: 'decode' } })
    expect(await project.files('out')).toEqual([])
  })

  it('fails if the source exceeds the limits of pixels or bytes', async () => {
    const project = await makeProject()
    await project.copy('odd/bomb.png', 'bomb.png')
    expect(await makeOne(project, {})).toMatchObject({ error: { code: 'TOO_MANY_PIXELS' }, outputs: [] })
    const limits = { pixels: 1e9, bytes: 100, frames: 1, seconds: 1 }
    expect(await makeOne(project, { limits })).toMatchObject({
      error: { code: 'INPUT_TOO_LARGE' },
      outputs: [],
    })
  })

  it('writes the other renditions if one fails', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    await mkdir(project.at('out/a.web.webp/in-the-way'), { recursive: true })
    const large: PresetRecipe = { name: 'large', ops: [{ crop: '5000x5000@0x0' }] }
    const result = await makeOne(project, { inputs: ['a.jpg'], presets: [large, thumb, web] })
    expect(result.status).toBe('partial')
    expect(result.error).toBeUndefined()
    expect(result.outputs).toMatchObject([
      { action: 'failed', preset: 'large', error: { code: 'INVALID_OPERATION' } },
      { action: 'written', preset: 'thumb' },
      { action: 'failed', preset: 'web', error: { code: 'WRITE_FAILED', stage: 'write' } },
    ])
    expect(await project.files('out')).toEqual(['a.thumb.jpg'])
  })

  it('shows the path of a failed output as far as it is known', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a{b}.jpg')
    const tall: ImageOp = { resize: { width: 20, height: 17_000, fit: 'fill', enlarge: true } }
    const presets: PresetRecipe[] = [
      { name: 'tall', ops: [tall, { format: 'webp' }] },
      { name: 'unknown', ops: [{ crop: '5000x5000@0x0' }] },
    ]
    const path = '{preset}/{name}-{width}w-{hash:8}.{ext}'
    const { outputs } = await makeOne(project, { inputs: ['a{b}.jpg'], presets, path })
    expect(outputs[0]?.path).toMatch(/^tall\/a\{b\}-20w-[0-9a-f]{8}\.webp$/)
    expect(outputs[1]?.path).toMatch(/^unknown\/a\{b\}-5000w-[0-9a-f]{8}\.\{ext\}$/)
  })

  it('reports a file in the way of an output without folders of this machine', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    await project.write('out/sub', 'a file')
    const result = await makeOne(project, { inputs: ['a.jpg'], path: 'sub/{name}.{ext}' })
    const [output] = result.outputs
    expect(output).toMatchObject({ action: 'failed', error: { code: 'WRITE_FAILED' } })
    expect(JSON.stringify(output)).not.toContain(project.path)
    expect(JSON.stringify(output)).toContain('sub/a.jpg')
  })

  it.each(['missing.jpg', 'quo"te $&.jpg'])(
    'reports a missing source by its path as typed: %s',
    async (name) => {
      const project = await makeProject()
      const result = await makeOne(project, { inputs: [name], allowEmpty: true })
      expect(result).toMatchObject({ status: 'failed', error: { code: 'INPUT_NOT_FOUND', stage: 'read' } })
      expect(result.source).toBeUndefined()
      expect(result.error?.message).toBe(`There is no file ${JSON.stringify(name)}. Check the path.`)
    },
  )
})

describe('aborted job', () => {
  it('writes nothing if it was aborted before it began', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    const result = await makeOne(project, {}, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ status: 'failed', error: { code: 'ABORTED' }, outputs: [] })
    expect(await project.files('out')).toEqual([])
  })

  it('is finished if it has begun to write, so that the manifest lists every output', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    const controller = new AbortController()
    const store = createFileStore({ cwd: project.path })
    const output: typeof store = {
      ...store,
      async write(...args) {
        controller.abort()
        return store.write(...args)
      },
    }
    const context = { output, signal: controller.signal }
    // The overlay is read after the first output was written.
    await project.copy('odd/one-pixel.png', 'logo.png')
    const marked: PresetRecipe = { name: 'marked', ops: [{ watermark: { image: project.at('logo.png') } }] }
    const result = await makeOne(project, { inputs: ['a.jpg'], presets: [thumb, web, marked] }, context)
    expect(result).toMatchObject({ status: 'ready' })
    expect(await project.files('out')).toEqual(['a.marked.jpg', 'a.thumb.jpg', 'a.web.webp'])
  })
})
