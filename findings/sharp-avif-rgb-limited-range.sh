#!/usr/bin/env bash
# Guess: sharp 0.35.5 (libheif 1.23.5) reads an AVIF in RGB (identity matrix) and limited range as ITU-T H.273 says: red, green
#   and blue alike, (value - 16) * 255 / 219.
# Result: green is (value - 16) * 256 / 219, but red and blue are (value - 16) * 256 / 224, the range of chroma. A grey of 110
#   becomes 107,110,107 instead of 109,109,109, and white 250,255,250.
# Why it matters: greys get a tint of green. libavif, which Chromium uses, reads all three alike.
# Instead: read matrix and range from the nclx box or the AV1 sequence header, and scale the pixels again.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

/** Returns the first pixel of a grey AVIF that says that it is in RGB of limited range. */
async function read(value) {
  const background = { r: value, g: value, b: value }
  const file = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .avif({ lossless: true, chromaSubsampling: '4:4:4' })
    .toBuffer()
  const nclx = file.indexOf('nclx')
  assert.equal(file.readUInt16BE(nclx + 8), 0, 'sharp writes lossless AVIF with the identity matrix')
  assert.equal(file[nclx + 10], 0x80, 'and in full range')
  file[nclx + 10] = 0
  return [...(await sharp(file).raw().toBuffer()).subarray(0, 3)]
}

const { versions } = sharp
console.log(`node ${process.version}, sharp ${versions.sharp}, libheif ${versions.heif}`)
for (const value of [16, 60, 110, 160, 200, 235]) {
  const standard = Math.round(((value - 16) * 255) / 219)
  const scale = (range) => Math.min(255, Math.round(((value - 16) * 256) / range))
  const pixel = await read(value)
  console.log(`${value}: sharp ${pixel.join()}, the standard ${standard} for each`)
  assert.deepEqual(pixel, [scale(224), scale(219), scale(224)])
}
JS
node try.mjs
