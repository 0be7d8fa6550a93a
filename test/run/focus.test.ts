import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { readManifest, run, transform, type Faces, type Region } from '../../src/index.js'
import { defineAnalyzer } from '../../src/analyzers/define-analyzer.js'
import { makeProject } from '../support/project.js'
import { readFacePhoto } from '../support/faces.js'

const photo = await readFacePhoto('sample6.jpg')

async function openProject() {
  const project = await makeProject()
  await project.write('in/people.jpg', photo)
  await project.copy('photos/landscape.jpg', 'in/none.jpg')
  const start = (presets: NonNullable<Parameters<typeof run>[0]['presets']>, more = {}) =>
    run({ inputs: ['in'], out: 'out', cwd: project.path, presets, preset: Object.keys(presets), ...more })
  const entries = async () => (await readManifest(project.at('out/manifest.json'))).entries
  return { project, start, entries }
}

/** Returns the faces of a picture by the included analyzer. */
async function facesOf(bytes: Uint8Array): Promise<readonly Region[]> {
  const { project, start, entries } = await openProject()
  await project.write('in/people.jpg', bytes)
  await start({ any: { ops: [{ thumbnail: 10 }], analyze: ['faces'] } })
  const found = (await entries()).find(({ source }) => source.path.endsWith('people.jpg'))
  return found!.analysis!.faces!.faces
}

describe('position: faces', () => {
  it('holds all faces that fit into the crop, for each of its widths, and the same place in each', async () => {
    const { project, start, entries } = await openProject()
    await start({
      card: { ops: [{ crop: { aspect: '2', position: 'faces' } }], widths: [300, 600], formats: ['png'] },
    })
    const [none, people] = await entries()
    expect(people!.analysis!.faces!.faces).toHaveLength(4)
    expect(none!.analysis!.faces).toMatchObject({
      faces: [],
      attention: { left: expect.any(Number) as number },
    })
    const [small, large] = await Promise.all(
      people!.outputs.map(async ({ path }) => readFile(project.at(`out/${path}`))),
    )
    const shrunk = await sharp(large).resize(300, 150).removeAlpha().raw().toBuffer()
    const other = await sharp(small).removeAlpha().raw().toBuffer()
    const difference =
      shrunk.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / shrunk.length
    expect(difference).toBeLessThan(2)
    expect(await facesOf(large!)).toHaveLength(4)
  })

  it('keeps the most important face if they do not all fit', async () => {
    const { project, start, entries } = await openProject()
    await start({ tall: { ops: [{ crop: { aspect: '1:3', position: 'faces' } }], formats: ['png'] } })
    const [, people] = await entries()
    const { faces } = people!.analysis!.faces as Faces
    const { width, height } = people!.source
    const [output] = people!.outputs
    const crop = await readFile(project.at(`out/${output!.path}`))
    const side = (await sharp(crop).metadata()).width / width!
    expect(height! / 3 / width!).toBeCloseTo(side, 2)
    // Its middle is that of the most important face.
    const cut = await sharp(photo)
      .extract({
        left: Math.round((faces[0]!.left + faces[0]!.width / 2 - side / 2) * width!),
        top: 0,
        width: Math.round(side * width!),
        height: height!,
      })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const made = await sharp(crop)
      .resize(cut.info.width, cut.info.height, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer()
    const difference = made.reduce((sum, value, at) => sum + Math.abs(value - cut.data[at]!), 0) / made.length
    expect(difference).toBeLessThan(8)
  })

  it('is found once: the next run of another preset takes it from the manifest, and needs no model', async () => {
    const { project, start } = await openProject()
    const analyze = vi.fn<() => Promise<unknown>>(async () => ({
      model: 'own',
      faces: [{ left: 0.7, top: 0.1, width: 0.1, height: 0.1 }],
    }))
    const faces = defineAnalyzer({ name: 'faces', summary: 'Own faces.', analyze })
    const focus = {
      ops: [{ crop: { width: 200, height: 200, position: 'faces' as const } }],
      formats: ['png' as const],
    }
    await start({ one: focus }, { analyzers: { faces } })
    expect(analyze).toHaveBeenCalledTimes(2)
    await start({ one: focus, two: { ...focus, path: 'two/{name}.png' } }, { analyzers: { faces } })
    expect(analyze).toHaveBeenCalledTimes(2)
    const [one, two] = await Promise.all(
      ['out/people.one.png', 'out/two/people.png'].map((file) => readFile(project.at(file))),
    )
    expect(one!.equals(two!)).toBe(true)
    // A changed source is looked at again.
    await project.write('in/people.jpg', await readFacePhoto('sample1.jpg'))
    await start({ one: focus }, { analyzers: { faces } })
    expect(analyze).toHaveBeenCalledTimes(3)
  })

  it('is found again if the finding is of another model, and only then', async () => {
    const { project, start, entries } = await openProject()
    const preset = { one: { ops: [{ crop: { width: 200, height: 200, position: 'faces' as const } }] } }
    await start(preset)
    const before = await readFile(project.at('out/manifest.json'), 'utf8')
    const [, made] = await entries()
    const model = made!.analysis!.faces!.model
    expect(await start(preset)).toMatchObject({ renditions: { unchanged: 2, written: 0 } })
    await project.write('out/manifest.json', before.replaceAll(model, 'older/0'))
    await start(preset)
    expect((await entries()).map(({ analysis }) => analysis!.faces!.model)).toEqual([model, model])
  })

  it('fails an output, not the run, if the analyzer of the config returns another shape', async () => {
    const { start } = await openProject()
    const faces = defineAnalyzer({ name: 'faces', summary: 'Counts.', analyze: () => 3 })
    const { failures } = await start(
      { one: { ops: [{ crop: { aspect: '1', position: 'faces' } }] } },
      { analyzers: { faces } },
    )
    expect(failures).toHaveLength(2)
    for (const { error } of failures) {
      expect(error).toMatchObject({ code: 'INVALID_CONFIG' })
      expect(error.message).toContain('does not return { faces: [{ left, top, width, height }] }')
    }
  })

  it('works in transform, thumbnail and resize, and for objects', async () => {
    for (const position of ['faces', 'objects'] as const) {
      for (const op of [
        { thumbnail: { width: 200, height: 100, fit: 'cover', position } },
        { resize: { width: 200, height: 100, position } },
      ] as const) {
        const { info } = await transform(photo, [op, { format: 'png' }])
        expect([info.width, info.height]).toEqual([200, 100])
      }
    }
  })
})

describe('redact in a run', () => {
  it('leaves no face in the outputs', async () => {
    const { project, start, entries } = await openProject()
    await start({
      hidden: { ops: [{ redact: { what: 'faces', how: 'pixelate' } }], formats: ['png'] },
      blurred: { ops: [{ redact: { what: 'faces', how: 'blur' } }, { thumbnail: 600 }], formats: ['png'] },
    })
    const [, people] = await entries()
    expect(people!.outputs).toHaveLength(2)
    for (const { path } of people!.outputs) {
      expect(await facesOf(await readFile(project.at(`out/${path}`)))).toEqual([])
    }
  })
})
