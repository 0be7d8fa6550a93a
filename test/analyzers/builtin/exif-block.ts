import sharp from 'sharp'

/** Value of a tag: text, bytes, shorts, or fractions as [numerator, denominator]. */
type Value =
  | { readonly text: string }
  | { readonly bytes: readonly number[] }
  | { readonly shorts: readonly number[] }
  | { readonly fractions: readonly (readonly [number, number])[] }
export type Tags = Readonly<Record<number, Value>>

interface Stored {
  readonly type: number
  readonly count: number
  readonly data: Buffer
}

/** Returns an EXIF block with three directories, little-endian or big-endian. */
export function encodeExif(
  { image = {}, photo = {}, gps = {} }: { image?: Tags; photo?: Tags; gps?: Tags },
  little = true,
): Buffer {
  const write = (value: number, size: 2 | 4): Buffer => {
    const bytes = Buffer.alloc(size)
    if (little) bytes.writeUIntLE(value, 0, size)
    else bytes.writeUIntBE(value, 0, size)
    return bytes
  }
  const store = (value: Value): Stored => {
    if ('text' in value) {
      const data = Buffer.from(`${value.text}\0`)
      return { type: 2, count: data.length, data }
    }
    if ('bytes' in value) return { type: 1, count: value.bytes.length, data: Buffer.from(value.bytes) }
    if ('shorts' in value) {
      return {
        type: 3,
        count: value.shorts.length,
        data: Buffer.concat(value.shorts.map((it) => write(it, 2))),
      }
    }
    const data = Buffer.concat(value.fractions.flat().map((it) => write(it, 4)))
    return { type: 5, count: value.fractions.length, data }
  }
  const directory = (tags: Record<number, Stored>, start: number): Buffer => {
    let end = start + 2 + Object.keys(tags).length * 12 + 4
    const after: Buffer[] = []
    const entries = Object.entries(tags).map(([tag, { type, count, data }]) => {
      const fits = data.length <= 4
      const place = fits ? Buffer.concat([data, Buffer.alloc(4 - data.length)]) : write(end, 4)
      if (!fits) {
        after.push(data)
        end += data.length
      }
      return Buffer.concat([write(Number(tag), 2), write(type, 2), write(count, 4), place])
    })
    return Buffer.concat([write(entries.length, 2), ...entries, write(0, 4), ...after])
  }
  const all = (tags: Tags) =>
    Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, store(value)]))
  const first = (photoAt: number, gpsAt: number) =>
    directory({ ...all(image), 0x8769: pointer(photoAt), 0x8825: pointer(gpsAt) }, 8)
  const pointer = (at: number): Stored => ({ type: 4, count: 1, data: write(at, 4) })
  const photoAt = 8 + first(0, 0).length
  const second = directory(all(photo), photoAt)
  const gpsAt = photoAt + second.length
  const head = Buffer.concat([Buffer.from(little ? 'II' : 'MM'), write(42, 2), write(8, 4)])
  return Buffer.concat([head, first(photoAt, gpsAt), second, directory(all(gps), gpsAt)])
}

/** Returns a small JPEG with an EXIF block. */
export async function jpegWith(exif: Uint8Array): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer()
  const payload = Buffer.concat([Buffer.from('Exif\0\0'), exif])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, payload, jpeg.subarray(2)])
}
