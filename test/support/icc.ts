/** White point of the profile connection space (ICC.1). */
export const D50 = [0.9642, 1, 0.8249]

/** Tone curve of a channel: a gamma, or a table from 0 to 1. */
export type Curve = number | readonly number[]

export type Tag = readonly [signature: string, data: Buffer]

/** Creates a profile: header, tag table, and tags at multiples of four bytes (ICC.1:2001-04, version 2). */
export function makeIcc(
  space: 'RGB ' | 'GRAY' | 'CMYK',
  colour: readonly Tag[],
  connection = 'XYZ ',
): Buffer {
  const tags: Tag[] = [
    ['desc', describe(`imgproc test ${space}`)],
    ['cprt', Buffer.from('text\0\0\0\0CC0\0', 'latin1')],
    ['wtpt', xyzTag(D50)],
    ...colour,
  ]
  const head = Buffer.alloc(128 + 4 + 12 * tags.length)
  head.writeUInt32BE(0x02400000, 8)
  head.write(`${space === 'CMYK' ? 'prtr' : 'mntr'}${space}${connection}`, 12, 'latin1')
  head.write('acsp', 36, 'latin1')
  xyzTag(D50).copy(head, 68, 8)
  head.writeUInt32BE(tags.length, 128)
  let size = head.length
  const places = new Map<Buffer, number>()
  const bodies = tags.map(([signature, data], index) => {
    head.write(signature, 132 + 12 * index, 'latin1')
    head.writeUInt32BE(places.get(data) ?? size, 136 + 12 * index)
    head.writeUInt32BE(data.length, 140 + 12 * index)
    // Tags may share their data.
    if (places.has(data)) return Buffer.alloc(0)
    places.set(data, size)
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)])
    size += padded.length
    return padded
  })
  head.writeUInt32BE(size, 0)
  return Buffer.concat([head, ...bodies])
}

function describe(text: string): Buffer {
  const tag = Buffer.alloc(12 + text.length + 1 + 78)
  tag.write('desc', 'latin1')
  tag.writeUInt32BE(text.length + 1, 8)
  tag.write(text, 12, 'latin1')
  return tag
}

export function xyzTag(values: readonly number[]): Buffer {
  const tag = Buffer.alloc(20)
  tag.write('XYZ ', 'latin1')
  for (const [at, value] of values.entries()) tag.writeInt32BE(Math.round(value * 65536), 8 + 4 * at)
  return tag
}

export function curveTag(curve: Curve): Buffer {
  // One entry is a gamma in steps of 1/256; several are a table from 0 to 65535.
  const entries =
    typeof curve === 'number' ? [Math.round(curve * 256)] : curve.map((light) => Math.round(light * 65535))
  const tag = Buffer.alloc(12 + 2 * entries.length)
  tag.write('curv', 'latin1')
  tag.writeUInt32BE(entries.length, 8)
  for (const [at, entry] of entries.entries()) tag.writeUInt16BE(entry, 12 + 2 * at)
  return tag
}

/** Creates a lut16Type tag: two entries per table, two grid points per ink. */
export function lutTag(labs: readonly (readonly number[])[]): Buffer {
  const ramp = [0, 65535]
  const entries = [
    2,
    2,
    ...[1, 2, 3, 4].flatMap(() => ramp),
    ...labs.flatMap(([lightness = 0, a = 0, b = 0]) => [lightness * 652.8, (a + 128) * 256, (b + 128) * 256]),
    ...[1, 2, 3].flatMap(() => ramp),
  ]
  const tag = Buffer.alloc(48 + 2 * entries.length)
  tag.write('mft2', 'latin1')
  tag.set([4, 3, 2], 8)
  for (const at of [0, 4, 8]) tag.writeInt32BE(65536, 12 + 4 * at)
  for (const [at, entry] of entries.entries()) tag.writeUInt16BE(Math.round(entry), 48 + 2 * at)
  return tag
}
