/** Returns a Photoshop segment of a JPEG with IPTC records, each a data set of the application record and a text. */
export function makeIptcSegment(...records: readonly (readonly [dataset: number, text: string])[]): Buffer {
  const made = records.map(([dataset, text]) => {
    const bytes = Buffer.from(text)
    return Buffer.concat([Buffer.from([0x1c, 2, dataset, 0, bytes.length]), bytes])
  })
  const all = Buffer.concat(made)
  const body = Buffer.concat([
    Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0', 'latin1'),
    Buffer.from([0, 0, 0, all.length]),
    all,
    Buffer.alloc(all.length % 2),
  ])
  return Buffer.concat([Buffer.from([0xff, 0xed, 0, body.length + 2]), body])
}
