import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PresetRecipe } from '../../../src/plan/types.js'
import type { ReadOptions } from '../../../src/stores/types.js'
import type { ImageOp } from '../../../src/operations/image-op.generated.js'
import { run } from '../../../src/run/run.js'
import { createFileStore } from '../../../src/stores/file/store.js'
import { transform } from '../../../src/transform.js'
import { makePhoto, withPreview } from '../../support/previews.js'
import { makeProject, type Project } from '../../support/project.js'
import { makeOne } from '../../plan/planning.js'

const asked: ImageOp = { preview: 'embedded' }
const quick: PresetRecipe = { name: 'quick', ops: [{ thumbnail: 100 }, asked] }
let photo: Buffer
let small: Buffer
let camera: Buffer

beforeAll(async () => {
  photo = await makePhoto(1200, 900)
  // Has another colour than the photo, to show which was used.
  small = await makePhoto(160, 120, '#fff')
  camera = withPreview(photo, small)
})

/** Adds black bars to a picture, and keeps its size. */
async function frame(jpeg: Buffer, { top = 0, left = 0 }): Promise<Buffer> {
  const { width, height } = await sharp(jpeg).metadata()
  const bars = { top, bottom: top, left, right: left, background: '#000' }
  const inner = sharp(jpeg).resize(width - 2 * left, height - 2 * top, { fit: 'fill' })
  return sharp(await inner.toBuffer())
    .extend(bars)
    .jpeg({ quality: 60 })
    .toBuffer()
}

async function meanDifference(a: Buffer, b: Buffer): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()))
  return one!.reduce((sum, value, at) => sum + Math.abs(value - other![at]!), 0) / one!.length
}

describe('preview: embedded', () => {
  const supported: [name: string, ops: readonly ImageOp[]][] = [
    ['a thumbnail', [{ thumbnail: 100 }]],
    ['a thumbnail that the preview would be shrunk for while decoding', [{ thumbnail: 40 }]],
    ['a thumbnail as large as the preview', [{ thumbnail: 160 }]],
    ['a thumbnail that covers its box', [{ thumbnail: { width: 100, height: 100, fit: 'cover' } }]],
    [
      'a resize with other operations after it',
      [{ resize: 120 }, { rotate: 90 }, { blur: 2 }, { format: 'png' }],
    ],
    ['half the size of the preview', [{ thumbnail: 80 }]],
    ['a thumbnail as large as the preview, and a resize', [{ thumbnail: 160 }, { resize: '50%' }]],
    ['a crop after a resize', [{ resize: 120 }, { crop: { aspect: 1 } }]],
    ['a resize with another kernel', [{ resize: { width: 90, kernel: 'cubic' } }]],
  ]
  it.each(supported)('gives the same pixels as the preview as a file: %s', async (_, ops) => {
    const { data, info } = await transform(camera, [...ops, asked])
    expect(info.preview).toBe('embedded')
    // The files may differ in their density.
    const [made, expected] = await Promise.all(
      [data, (await transform(small, ops)).data].map((bytes) => sharp(bytes).raw().toBuffer()),
    )
    expect(made!.equals(expected!)).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'turns the preview by the EXIF orientation of the picture: %i',
    async (orientation) => {
      const turned = withPreview(photo, small, { orientation })
      const { data, info } = await transform(turned, [{ thumbnail: 100 }, asked, { format: 'png' }])
      expect(info.preview).toBe('embedded')
      const upright = sharp(small)
        .rotate([0, 0, 180, 180, 90, 90, 270, 270][orientation - 1] ?? 0)
        .png()
      const turnedPreview = await sharp(await upright.toBuffer())
        .flop([2, 4, 5, 7].includes(orientation))
        .png()
        .toBuffer()
      const expected = await transform(turnedPreview, [{ thumbnail: 100 }, { format: 'png' }])
      expect([info.width, info.height]).toEqual([expected.info.width, expected.info.height])
      expect(await meanDifference(data, expected.data)).toBeLessThan(4)
    },
  )

  it('keeps the orientation tag when autoOrient is false', async () => {
    const turned = withPreview(photo, small, { orientation: 6 })
    const { data, info } = await transform(turned, [{ thumbnail: 100 }, { autoOrient: false }, asked])
    expect(info).toMatchObject({ preview: 'embedded', width: 100, height: 75 })
    expect((await sharp(data).metadata()).orientation).toBe(6)
  })

  it("uses the size from the picture if the preview's aspect ratio differs by rounding", async () => {
    const wide = withPreview(await makePhoto(1200, 800), await makePhoto(160, 107))
    const { info } = await transform(wide, [{ thumbnail: 128 }, asked])
    expect(info).toMatchObject({ preview: 'embedded', width: 128, height: 85 })
    const half = await transform(wide, [{ resize: '10%' }, asked])
    expect(half.info).toMatchObject({ preview: 'embedded', width: 120, height: 80 })
  })

  it('is grey if the picture is grey', async () => {
    const [large, little] = await Promise.all(
      [photo, small].map((jpeg) => sharp(jpeg).toColourspace('b-w').toBuffer()),
    )
    const { data, info } = await transform(withPreview(large!, little!), [{ thumbnail: 100 }, asked])
    expect(info).toMatchObject({ preview: 'embedded', channels: 1 })
    expect(data.equals((await transform(little!, [{ thumbnail: 100 }])).data)).toBe(true)
  })

  it('does not cache the operations of a list that the caller changes later', async () => {
    const project = await makeProject()
    await project.write('a.jpg', camera)
    const ops: ImageOp[] = [{ thumbnail: 100 }, asked]
    expect((await transform(project.at('a.jpg'), ops)).info).toMatchObject({
      preview: 'embedded',
      width: 100,
    })
    ops[0] = { thumbnail: 400 }
    const { info } = await transform(project.at('a.jpg'), ops)
    expect([info.preview, info.width]).toEqual([undefined, 400])
  })

  it('uses the preview of a picture with an sRGB profile', async () => {
    const tagged = withPreview(await sharp(photo).withIccProfile('srgb').toBuffer(), small)
    expect((await transform(tagged, [{ thumbnail: 100 }, asked])).info.preview).toBe('embedded')
  })
})

describe('preview: embedded, cases that use the picture itself', () => {
  const plain: ImageOp[] = [{ thumbnail: 100 }]
  const cases: [name: string, make: () => Promise<Buffer> | Buffer, ops?: ImageOp[]][] = [
    ['an output larger than the preview', () => camera, [{ thumbnail: 161 }]],
    ['a box that the preview does not cover', () => camera, [{ resize: '130x125' }]],
    ['a crop', () => camera, [{ crop: { aspect: 1 } }, { thumbnail: 100 }]],
    [
      'an operation that searches the pixels',
      () => camera,
      [{ resize: { width: 80, height: 80, position: 'attention' } }],
    ],
    ['a rotation only', () => camera, [{ rotate: 90 }]],
    ['kept metadata', () => camera, [{ thumbnail: 100 }, { metadata: 'copyright' }]],
    ['a preview with another aspect ratio', async () => withPreview(await makePhoto(1200, 800), small)],
    [
      'a preview with black bars above and below',
      async () => withPreview(photo, await frame(small, { top: 6 })),
    ],
    [
      'a preview with black bars at the sides',
      async () => withPreview(photo, await frame(small, { left: 9 })),
    ],
    ['a truncated preview', () => withPreview(photo, small.subarray(0, small.length >> 1))],
    ['a damaged preview', () => withPreview(photo, overwrite(small))],
    ['a preview that is not a JPEG', () => withPreview(photo, Buffer.from('no JPEG'))],
    ['a preview with EXIF of its own', () => withPreview(photo, withPreview(small, small))],
    ['EXIF with a colour space other than sRGB', () => withPreview(photo, small, { colourSpace: 65535 })],
    [
      'a profile other than sRGB',
      async () => withPreview(await sharp(photo).withIccProfile('p3').toBuffer(), small),
    ],
    [
      'a grey picture with a preview in colour',
      async () => withPreview(await sharp(photo).toColourspace('b-w').toBuffer(), small),
    ],
    [
      'a CMYK picture',
      async () => withPreview(await sharp(photo).toColourspace('cmyk').jpeg().toBuffer(), small),
    ],
    ['a JPEG without EXIF', () => photo],
    ['a PNG', async () => sharp(photo).png().toBuffer()],
  ]
  it.each(cases)('gives the same output as without it for %s', async (_, make, ops = plain) => {
    const file = await make()
    const { data, info } = await transform(file, [...ops, asked])
    expect(info.preview).toBeUndefined()
    expect(data.equals((await transform(file, ops)).data)).toBe(true)
  })

  it('reports a picture with too many pixels', async () => {
    const limits = { pixels: 500_000 }
    const project = await makeProject()
    await project.write('a.jpg', camera)
    for (const input of [camera, project.at('a.jpg')]) {
      await expect(transform(input, [{ thumbnail: 100 }, asked], { limits })).rejects.toMatchObject({
        code: 'TOO_MANY_PIXELS',
      })
    }
  })
})

/** Writes markers into the middle that no decoder expects. */
function overwrite(jpeg: Buffer): Buffer {
  const copy = Buffer.from(jpeg)
  for (let at = copy.length >> 1; at < (copy.length >> 1) + 40; at += 2) copy.writeUInt16BE(0xffc0, at)
  return copy
}

/** Inserts segments that no decoder reads between the start and the EXIF of a JPEG. */
function inflate(jpeg: Buffer, bytes: number): Buffer {
  const segments: Buffer[] = []
  for (let left = bytes; left > 0; left -= 60_000) {
    const segment = Buffer.alloc(60_000)
    segment.writeUInt32BE(0xffec0000 + segment.length - 2)
    segments.push(segment)
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

/** Returns a store of the project's files that records its reads: the end of a range, or `all`. */
function recording(project: Project) {
  const store = createFileStore({ cwd: project.path })
  const reads: (number | 'all')[] = []
  const read = (ref: string, options?: ReadOptions) => {
    reads.push(options?.range?.[1] ?? 'all')
    return store.read(ref, options)
  }
  return { reads, context: { input: { ...store, read } } }
}

describe('job with preview: embedded', () => {
  it('reads only the head of a file, and reports the facts of the picture without a hash', async () => {
    const project = await makeProject()
    await project.write('a.jpg', withPreview(photo, small, { orientation: 6 }))
    const { reads, context } = recording(project)
    const { source, outputs } = await makeOne(project, { presets: [quick] }, context)
    expect(reads).toEqual([65536])
    expect(source).toEqual({ bytes: expect.any(Number) as number, width: 900, height: 1200, format: 'jpeg' })
    expect(outputs).toEqual([
      expect.objectContaining({ action: 'written', preview: 'embedded', width: 75, height: 100 }),
    ])
  })

  it.each([
    ['reads a longer head if the header is long', 80_000, [65536, 262144], false],
    [
      'reads the whole file if the header is longer than both heads, and uses the preview',
      300_000,
      [65536, 262144, 'all'],
      true,
    ],
  ])('%s', async (_, bytes, expected, isHashed) => {
    const project = await makeProject()
    await project.write('a.jpg', inflate(camera, bytes))
    const { reads, context } = recording(project)
    const { source, outputs } = await makeOne(project, { presets: [quick] }, context)
    expect(reads).toEqual(expected)
    expect(source?.hash !== undefined).toBe(isHashed)
    expect(outputs[0]).toMatchObject({ action: 'written', preview: 'embedded' })
  })

  it('reads the whole file if the preview is too small, or the path contains a hash', async () => {
    const project = await makeProject()
    await project.write('a.jpg', camera)
    const { reads, context } = recording(project)
    const large = { name: 'large', ops: [{ thumbnail: 400 }, asked] }
    const result = await makeOne(project, { presets: [large] }, context)
    expect(result.outputs[0]).not.toHaveProperty('preview')
    const hashed = { ...quick, path: '{name}-{hash:8}.{ext}' }
    const other = await makeOne(project, { inputs: ['a.jpg'], presets: [hashed], out: 'two' }, context)
    expect(other.outputs[0]).toMatchObject({ action: 'written', preview: 'embedded' })
    expect([result, other].map(({ source }) => typeof source?.hash)).toEqual(['string', 'string'])
    expect(reads).toEqual([65536, 'all', 'all'])
  })

  it('renders the same output with and without other renditions in the job', async () => {
    const project = await makeProject()
    await project.write('a.jpg', camera)
    const web = { name: 'web', ops: [{ thumbnail: 400 }] }
    const request = { inputs: ['a.jpg'] }
    const alone = await makeOne(project, { ...request, presets: [quick], out: 'one' })
    const beside = await makeOne(project, { ...request, presets: [quick, web], out: 'two' })
    expect(beside.outputs[0]).toEqual(alone.outputs[0])
    expect(beside.outputs[1]).not.toHaveProperty('preview')
    expect(beside.source?.hash).toBeDefined()
  })

  it('is up to date on the next run, and leaves outputs of other presets unchanged', async () => {
    const project = await makeProject()
    await project.write('a.jpg', camera)
    const presets = { quick: { ops: quick.ops }, web: { ops: [{ thumbnail: 400 }] } }
    const make = async (preset: string) => {
      const batch = run({ cwd: project.path, inputs: ['a.jpg'], presets, preset, out: 'out' })
      const { entries } = await batch.manifest
      return { ...(await batch.summary).renditions, entry: entries[0] }
    }
    expect(await make('quick')).toMatchObject({ written: 1 })
    expect(await make('quick')).toMatchObject({ written: 0, unchanged: 1 })
    expect(await make('web')).toMatchObject({ written: 1 })
    const { entry, ...again } = await make('quick')
    expect(again).toMatchObject({ written: 0, unchanged: 1 })
    expect(await make('web')).toMatchObject({ written: 0, unchanged: 1 })
    expect(entry?.outputs.map((output) => 'stale' in output)).toEqual([false, false])
    // A run that reads the head only keeps the hash in the manifest.
    const forced = run({ cwd: project.path, inputs: ['a.jpg'], ops: [...quick.ops], out: 'out' })
    const [after] = (await forced.manifest).entries
    expect(after?.source.hash).toBe(entry?.source.hash)
    expect(after?.outputs).toHaveLength(3)
    expect(after?.source.hash).toMatch(/^sha256:/)
  })
})
