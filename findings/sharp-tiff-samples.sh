#!/usr/bin/env bash
# Guess: sharp refuses kinds of TIFF samples that it does not support, or shows them right.
# Result: sharp 0.35.5 gives wrong colours without an error or a warning:
#   - grey as 32-bit floating point from 0 to 1, or as 32-bit integers: black;
#   - uncompressed YCbCr: Y, Cb and Cr are taken for red, green and blue;
#   - RGB with alpha and one spare channel: right until it is resized, then transparent black.
# Why it matters: such files come from scientific cameras, scanners and print workflows, and nothing shows the fault.
# Instead: read tags 258, 262, 338 and 339 before decoding, and convert or refuse these files.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const SIDE = 16

/** Returns an uncompressed little-endian TIFF with one strip, each pixel equal to `sample`. */
function tiff({ photometric, bits, channels, sample, more = [] }) {
  const data = Buffer.concat(Array(SIDE * SIDE).fill(sample))
  const short = [[256, [SIDE]], [257, [SIDE]], [258, Array(channels).fill(bits)], [259, [1]], [262, [photometric]]]
  const entries = [...short, [273, [8]], [277, [channels]], [278, [SIDE]], [279, [data.length]], ...more]
  const ifd = Buffer.alloc(2 + 12 * entries.length + 4)
  ifd.writeUInt16LE(entries.length)
  const values = []
  let offset = 8 + data.length + ifd.length
  for (const [at, [tag, list]] of entries.entries()) {
    const bytes = Buffer.alloc(Math.max(4, list.length * 2))
    for (const [index, value] of list.entries()) bytes.writeUInt16LE(value, index * 2)
    ifd.writeUInt16LE(tag, 2 + 12 * at)
    ifd.writeUInt16LE(3, 4 + 12 * at) // SHORT
    ifd.writeUInt32LE(list.length, 6 + 12 * at)
    if (bytes.length > 4) {
      ifd.writeUInt32LE(offset, 10 + 12 * at)
      values.push(bytes)
      offset += bytes.length
    } else bytes.copy(ifd, 10 + 12 * at)
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
  head.writeUInt32LE(8 + data.length, 4)
  return Buffer.concat([head, data, ifd, ...values])
}

async function firstPixel(image) {
  const warnings = []
  image.on('warning', (warning) => warnings.push(warning))
  const png = await image.png().toBuffer()
  assert.deepEqual(warnings, [])
  const { data, info } = await sharp(png).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return data.subarray(0, info.channels).join()
}

const half = Buffer.alloc(4)
half.writeFloatLE(0.5)
const halfInteger = Buffer.alloc(4)
halfInteger.writeUInt32LE(0x80000000)
const float = tiff({ photometric: 1, bits: 32, channels: 1, sample: half, more: [[339, [3]]] })
const integer = tiff({ photometric: 1, bits: 32, channels: 1, sample: halfInteger })
const red = tiff({ photometric: 6, bits: 8, channels: 3, sample: Buffer.from([76, 85, 255]), more: [[530, [1, 1]]] })
const spare = tiff({
  photometric: 2,
  bits: 8,
  channels: 5,
  sample: Buffer.from([200, 110, 90, 255, 0]),
  more: [[338, [2, 0]]], // unassociated alpha, unspecified
})

const { versions } = sharp
console.log(`node ${process.version}, sharp ${versions.sharp}, libvips ${versions.vips}, libtiff ${versions.tiff}`)
const seen = {
  'grey 0.5 of 0 to 1, 32-bit float': await firstPixel(sharp(float)),
  'grey 2^31 of 0 to 2^32, 32-bit integer': await firstPixel(sharp(integer)),
  'red as YCbCr': await firstPixel(sharp(red)),
  '200,110,90, opaque, one spare channel': await firstPixel(sharp(spare)),
  'the same, resized': await firstPixel(sharp(spare).resize(8)),
}
console.log(seen)
const [floatPixel, integerPixel, ycbcrPixel, sparePixel, resizedPixel] = Object.values(seen)
assert.equal(floatPixel, '0,0,0')
assert.equal(integerPixel, '0,0,0')
assert.equal(ycbcrPixel, '76,85,255')
assert.equal(sparePixel, '200,110,90,255')
assert.equal(resizedPixel, '0,0,0,0')
JS
node try.mjs
