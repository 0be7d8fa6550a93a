#!/usr/bin/env bash
# Guess: sharp converts a source with an ICC profile to sRGB unless told otherwise, at any depth, as documented.
# Result: a 16-bit source with a profile is converted to Display P3, and the output carries no profile that says so. A
#   PNG with an sRGB profile changes from 200,80,40 to 185,87,52. The documented use of pipelineColourspace('rgb16')
#   followed by toColourspace('srgb') does the same to 8-bit sources. A source without a profile stays right.
# Why it matters: every thumbnail of a 16-bit export of a photo editor is too pale, and nothing warns.
# Instead: for such sources call withIccProfile('srgb', { attach: false }).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const plain8 = await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 80, b: 40 } } })
  .png()
  .toBuffer()
const plain16 = await sharp(plain8).toColourspace('rgb16').png().toBuffer()
const tagged8 = await sharp(plain8).withIccProfile('srgb').png().toBuffer()
const tagged16 = await sharp(tagged8).toColourspace('rgb16').keepIccProfile().png().toBuffer()

/** Returns the colour and the profile of an output, and the warnings of sharp. */
async function output(image) {
  const warnings = []
  image.on('warning', (warning) => warnings.push(warning))
  const png = await image.png().toBuffer()
  const { icc } = await sharp(png).metadata()
  const pixel = (await sharp(png, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)
  return { pixel: pixel.join(), hasProfile: icc !== undefined, warnings: warnings.length }
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
const { depth, icc } = await sharp(tagged16).metadata()
console.log(`tagged source: ${depth}, profile of ${icc.length} bytes`)
assert.equal(depth, 'ushort')
const seen = {
  '8 bits, no profile': await output(sharp(plain8)),
  '8 bits, sRGB profile': await output(sharp(tagged8)),
  '16 bits, no profile': await output(sharp(plain16)),
  '16 bits, sRGB profile': await output(sharp(tagged16)),
  "8 bits, sRGB profile, pipelineColourspace('rgb16')": await output(
    sharp(tagged8).pipelineColourspace('rgb16').toColourspace('srgb'),
  ),
  "16 bits, sRGB profile, withIccProfile('srgb', { attach: false })": await output(
    sharp(tagged16).withIccProfile('srgb', { attach: false }),
  ),
}
console.log(seen)
const [plain, tagged, wide, wrong, documented, fixed] = Object.values(seen)
for (const result of [plain, tagged, wide]) assert.equal(result.pixel, '200,80,40')
for (const result of [wrong, documented])
  assert.deepEqual(result, { pixel: '185,87,52', hasProfile: false, warnings: 0 })
for (const [at, value] of fixed.pixel.split(',').entries())
  assert.ok(Math.abs(Number(value) - [200, 80, 40][at]) <= 1)
JS
node try.mjs
