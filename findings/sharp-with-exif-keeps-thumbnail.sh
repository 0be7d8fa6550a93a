#!/usr/bin/env bash
# Guess: withExif({ IFD0: { Copyright } }) writes that one tag, "ignoring any EXIF in the input image", as its
#   documentation says.
# Result: the thumbnail embedded in the source's EXIF is copied into the output. It shows the picture as the camera took it.
# Why it matters: a crop that removes a face or a number plate still contains it, as a small JPEG in the EXIF.
# Instead: encode without metadata first, then add the tag in a second pass; or remove IFD1 from the EXIF yourself.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const thumbnail = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer()

/** Returns an Exif segment with an orientation in IFD0 and a JPEG thumbnail in IFD1. */
function exifSegment() {
  const tiff = Buffer.alloc(68)
  const entry = (at, tag, type, value) => {
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(1, at + 4)
    tiff.writeUInt32LE(value, at + 8)
  }
  tiff.write('II*\0')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  entry(10, 0x112, 3, 1) // Orientation
  tiff.writeUInt32LE(26, 22) // offset of IFD1
  tiff.writeUInt16LE(3, 26)
  entry(28, 0x103, 3, 6) // Compression: JPEG
  entry(40, 0x201, 4, tiff.length) // JPEGInterchangeFormat
  entry(52, 0x202, 4, thumbnail.length) // JPEGInterchangeFormatLength
  const payload = Buffer.concat([Buffer.from('Exif\0\0'), tiff, thumbnail])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([marker, payload])
}

const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c86e5a' } })
  .jpeg()
  .toBuffer()
const source = Buffer.concat([jpeg.subarray(0, 2), exifSegment(), jpeg.subarray(2)])

const crop = (bytes) => sharp(bytes).extract({ left: 0, top: 0, width: 8, height: 8 })
const tag = { IFD0: { Copyright: 'Example Author' } }
const results = {
  'no metadata': await crop(source).toBuffer(),
  withExif: await crop(source).withExif(tag).toBuffer(),
  'two passes': await sharp(await crop(source).png().toBuffer()).withExif(tag).jpeg().toBuffer(),
}

const { versions } = sharp
console.log(`node ${process.version}, sharp ${versions.sharp}, libvips ${versions.vips}, libexif ${versions.exif}`)
const seen = {}
for (const [name, bytes] of Object.entries(results)) {
  const { exif } = await sharp(bytes).metadata()
  seen[name] = { copyright: exif?.includes('Example Author') ?? false, thumbnail: exif?.includes(thumbnail) ?? false }
  console.log(name, seen[name])
}
assert.deepEqual(seen, {
  'no metadata': { copyright: false, thumbnail: false },
  withExif: { copyright: true, thumbnail: true },
  'two passes': { copyright: true, thumbnail: false },
})
JS
node try.mjs
