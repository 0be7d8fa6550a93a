import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { inspect } from '../../src/inspect/inspect.js'
import { hasContentCredentials } from '../../src/metadata/c2pa.js'
import { insertSegments, makeSegment } from '../../src/metadata/containers/jpeg.js'
import { addToTiff } from '../../src/metadata/containers/tiff.js'
import { writeBox } from '../../src/metadata/iso-boxes.js'
import { makeChunk } from '../../src/metadata/png/chunks.js'
import type { OpInputs } from '../../src/operations/image-op.generated.js'
import { make } from '../support/pictures.js'

const picture = () => sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })

/** The head of a manifest store: a superbox with the description of its type. */
const TYPE = Buffer.from('6332706100110010800000aa00389b71', 'hex')
const STORE = writeBox('jumb', writeBox('jumd', TYPE, Buffer.from('\x03c2pa\0', 'latin1')))
const BOX_UUID = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex')

async function jpegWith(store: Buffer): Promise<Buffer> {
  const segment = makeSegment(0xeb, Buffer.from('JP\0\x01\0\0\0\x01', 'latin1'), store)
  return insertSegments(await picture().jpeg().toBuffer(), [segment])
}

async function pngWith(isBehindPixels: boolean): Promise<Buffer> {
  const png = await picture().png().toBuffer()
  const at = isBehindPixels ? png.length - 12 : 33
  return Buffer.concat([png.subarray(0, at), makeChunk('caBX', STORE), png.subarray(at)])
}

async function webp(): Promise<Buffer> {
  const head = Buffer.from('C2PA\0\0\0\0', 'latin1')
  head.writeUInt32LE(STORE.length, 4)
  const file = Buffer.concat([await picture().webp().toBuffer(), head, STORE, Buffer.alloc(STORE.length % 2)])
  file.writeUInt32LE(file.length - 8, 4)
  return file
}

async function gif(): Promise<Buffer> {
  const plain = await picture().gif().toBuffer()
  const extension = Buffer.concat([
    Buffer.from('\x21\xff\x0bC2PA_GIF\x01\0\0', 'latin1'),
    Buffer.from([STORE.length]),
    STORE,
    Buffer.from([0]),
  ])
  return Buffer.concat([plain.subarray(0, -1), extension, plain.subarray(-1)])
}

const FILES: readonly (readonly [string, () => Promise<Buffer>])[] = [
  ['JPEG', () => jpegWith(STORE)],
  ['PNG', () => pngWith(false)],
  ['PNG behind the pixels', () => pngWith(true)],
  ['WebP', webp],
  ['GIF', gif],
  [
    'AVIF',
    async () =>
      Buffer.concat([await picture().avif().toBuffer(), writeBox('uuid', BOX_UUID, Buffer.alloc(4), STORE)]),
  ],
  [
    'TIFF',
    async () => {
      const tag = { tag: 0xcd41, type: 7, count: STORE.length, value: STORE }
      const exif = { littleEndian: true, image: [tag], photo: [], gps: [] }
      return addToTiff(await picture().tiff().toBuffer(), { exif })
    },
  ],
]

const WARNING = 'The Content Credentials (C2PA) were left out, since they are about the unchanged file.'

describe.each(FILES)('Content Credentials in a %s', (_, makeFile) => {
  it('are found, told by inspect, and never written', async () => {
    const file = await makeFile()
    expect(hasContentCredentials(file)).toBe(true)
    const { metadata, losses } = await inspect(file, { preset: 'thumb' })
    expect(metadata.contentCredentials).toBe(true)
    expect(losses?.[0]?.losses.map(({ kind }) => kind)).toContain('credentials')
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const) {
      const { data, info } = await make(file, [{ format }, { metadata: 'keep' }])
      expect([format, hasContentCredentials(data), data.includes(TYPE)]).toEqual([format, false, false])
      expect(info.warnings).toEqual([WARNING])
    }
  })

  it('are told as left out, unless the recipe strips all', async () => {
    const file = await makeFile()
    const warningsOf = async (metadata: OpInputs['metadata']) =>
      (await make(file, [{ resize: 8 }, { format: 'png' }, { metadata }])).info.warnings
    expect((await make(file, [{ resize: 8 }, { format: 'png' }])).info.warnings).toEqual([WARNING])
    expect(await warningsOf('icc')).toEqual([WARNING])
    expect(await warningsOf('strip')).toBeUndefined()
  })
})

describe('hasContentCredentials', () => {
  it('is false for other JUMBF boxes, and files without any', async () => {
    const other = writeBox('jumb', writeBox('jumd', Buffer.alloc(16, 7), Buffer.from('\x03snap\0', 'latin1')))
    expect(hasContentCredentials(await jpegWith(other))).toBe(false)
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)
      expect(hasContentCredentials(await picture().toFormat(format).toBuffer())).toBe(false)
  })

  it('reads any bytes', () => {
    for (const first of [0xff, 0x89, 0x52, 0x47, 0x49, 0x4d, 0])
      for (const length of [1, 2, 8, 40])
        expect(hasContentCredentials(Buffer.alloc(length, first))).toBe(false)
  })
})
