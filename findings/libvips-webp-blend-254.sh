#!/usr/bin/env bash
# Guess: a translucent pixel blended over an opaque one is opaque: an alpha of 255.
# Result: libvips 8.18.7 (in sharp 0.35.5) gives 254 for frames of an animated WebP with an alpha of 1 to 127. From 128
#   up it is 255. Colours may be one lower than exact.
# Why it matters: an opaque animation counts as translucent, so outputs get an alpha channel and are larger.
# Instead: round an alpha of 254 up to 255 if the frame below is opaque, or compose the frames yourself.
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
const u24 = (value) => Buffer.from([value & 255, (value >> 8) & 255, value >> 16])

function chunk(name, body) {
  const head = Buffer.alloc(8)
  head.write(name)
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)])
}

/** Returns an animation frame of one colour that is blended over the canvas. Its data is a lossless still WebP's. */
async function frame(rgba) {
  const webp = await sharp(Buffer.concat(Array(SIDE * SIDE).fill(Buffer.from(rgba))), {
    raw: { width: SIDE, height: SIDE, channels: 4 },
  })
    .webp({ lossless: true, exact: true })
    .toBuffer()
  const vp8l = webp.subarray(webp.indexOf('VP8L'))
  return chunk('ANMF', Buffer.concat([u24(0), u24(0), u24(SIDE - 1), u24(SIDE - 1), u24(100), Buffer.from([0]), vp8l]))
}

function animation(frames) {
  const header = Buffer.concat([Buffer.from([0x12, 0, 0, 0]), u24(SIDE - 1), u24(SIDE - 1)]) // alpha, animation
  const body = [Buffer.from('WEBP'), chunk('VP8X', header), chunk('ANIM', Buffer.alloc(6)), ...frames]
  return chunk('RIFF', Buffer.concat(body))
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
const below = await frame([200, 110, 90, 255])
for (const alpha of [0, 1, 64, 127, 128, 200, 255]) {
  const webp = animation([below, await frame([0, 0, 255, alpha])])
  const pixel = (await sharp(webp, { page: 1 }).ensureAlpha().raw().toBuffer()).subarray(0, 4)
  console.log(`200,110,90,255 below 0,0,255,${alpha}: ${pixel.join()}`)
  assert.equal(pixel[3], alpha >= 1 && alpha <= 127 ? 254 : 255)
}
JS
node try.mjs
