import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDocumentProject, type DocumentProject } from './support/documents.js'

/** Programs of a user, compiled against the published types and the DOM library. */
const PROGRAMS = {
  'passes data to Response, Blob and a web framework': `
    import { transform } from 'imgproc'
    declare const context: { body(data: string | ArrayBuffer | ReadableStream | Uint8Array<ArrayBuffer>): Response }
    const { data } = await transform('a.jpg', [{ thumbnail: 100 }])
    console.log(new Response(data), new Blob([data]), new File([data], 'a.jpg'), context.body(data))`,

  'knows the formats of an output': `
    import { readManifest, transform } from 'imgproc'
    const extensions = { jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif', gif: 'gif', tiff: 'tif', jxl: 'jxl' }
    const { info } = await transform('a.jpg', [{ format: 'webp' }])
    console.log(extensions[info.format])
    const { entries } = await readManifest('manifest.json')
    for (const output of entries.flatMap(({ outputs }) => outputs))
      if (output.status === 'ready') console.log(extensions[output.format])
    // @ts-expect-error not an output format
    console.log(info.format === 'heic')`,

  'knows the findings of the included analyzers': `
    import { readManifest, run } from 'imgproc'
    const [entry] = (await readManifest('manifest.json')).entries
    const colour: string | null | undefined = entry?.analysis?.palette?.dominant
    const placeholder: string | undefined = entry?.analysis?.thumbhash
    const camera: string | undefined = entry?.analysis?.metadata?.model
    const own: unknown = entry?.analysis?.['brightness']
    console.log(colour, placeholder, camera, own)
    for await (const { analysis } of run({ inputs: 'photos' })) console.log(analysis?.gps?.latitude)`,

  'declares the findings of its own analyzers': `
    import { readManifest } from 'imgproc'
    declare module 'imgproc' {
      interface Analysis {
        readonly sunlight?: number
      }
    }
    const { entries } = await readManifest('manifest.json')
    const sunlight: number | undefined = entries[0]?.analysis?.sunlight
    console.log(sunlight)`,

  'names included presets and its own, one input or several': `
    import { defineConfig, run } from 'imgproc'
    await run({ inputs: 'photos/**', preset: 'thumb' })
    await run({ inputs: ['photos/**'], preset: ['thumb', 'mine'] })
    export default defineConfig({
      presets: { mine: { extends: ['thumb', 'base'], ops: [{ thumbnail: '200x200:fit=cover' }] } },
      batches: [{ inputs: 'photos/**', presets: 'mine' }],
    })`,

  'awaits a run for its summary': `
    import { run, type Summary } from 'imgproc'
    const summary: Summary = await run({ inputs: 'photos/**', preset: 'thumb', throwOnFailure: true })
    console.log(summary)`,
}

describe('published types', () => {
  let project: DocumentProject

  beforeAll(async () => {
    project = await openDocumentProject()
  })

  afterAll(() => project.remove())

  it.each(Object.entries(PROGRAMS))('compile in a program that %s', async (_, code) => {
    await expect(project.compile([code])).resolves.toBeUndefined()
  })
})
