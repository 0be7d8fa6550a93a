#!/usr/bin/env bash
# Guess: the background 'white' is 65535 in a picture with 16 bits per channel.
# Result: sharp 0.35.5 makes it 65280 (255 * 256) in extend, flatten, rotate and resize; ensureAlpha and white pixels of
#   the source are 65535.
# Why it matters: padding around a white picture has a visible edge in 16-bit workflows, and "is it white" tests fail.
# Instead: add the border from a 16-bit picture (composite, joinChannel), or fix 65280 afterwards.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const SIDE = 8
const picture = (channels, value) =>
  sharp(new Uint16Array(SIDE * SIDE * channels).fill(value), { raw: { width: SIDE, height: SIDE, channels } })
    .toColourspace('rgb16')
    .png()
    .toBuffer()

/** Returns the first pixel of the picture as 16-bit values. */
async function firstPixel(image) {
  const png = await image.toColourspace('rgb16').png().toBuffer()
  const { data, info } = await sharp(png)
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  return Array.from({ length: info.channels }, (_, channel) => data.readUInt16LE(channel * 2)).join()
}

const white = await picture(3, 65_535)
const clear = await picture(4, 0)
const background = 'white'
const seen = {
  'white of the source': await firstPixel(sharp(white)),
  ensureAlpha: await firstPixel(sharp(white).ensureAlpha(1)),
  extend: await firstPixel(sharp(white).extend({ top: 2, background })),
  'resize, contain': await firstPixel(sharp(white).resize(8, 16, { fit: 'contain', background })),
  rotate: await firstPixel(sharp(white).rotate(30, { background })),
  flatten: await firstPixel(sharp(clear).flatten({ background })),
}
console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
console.log(seen)
const off = '65280,65280,65280'
assert.deepEqual(seen, {
  'white of the source': '65535,65535,65535',
  ensureAlpha: '65535,65535,65535,65535',
  extend: off,
  'resize, contain': off,
  rotate: off,
  flatten: off,
})
JS
node try.mjs
