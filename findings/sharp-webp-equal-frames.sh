#!/usr/bin/env bash
# Guess: an animated WebP of sharp has as many frames as it was given, as `info.pages` says.
# Result: libwebp merges equal frames in a row and adds up their delays. If all are equal, the output is a still picture
#   without a delay. `info.pages` and `info.height` are those before encoding. For GIF there is keepDuplicateFrames; for
#   WebP there is no option.
# Why it matters: tests that compare frames by index, and sprites that are addressed by frame number, break.
# Instead: read metadata().pages of the output, and compare animations by time instead of by frame number.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const frameOf = (background) => sharp({ create: { width: 16, height: 16, channels: 3, background } }).png().toBuffer()
const [red, blue] = [await frameOf('red'), await frameOf('blue')]

async function encode(format, frames, options) {
  const delay = frames.map((_, at) => (at + 1) * 100)
  const { data, info } = await sharp(frames, { join: { animated: true } })
    .toFormat(format, { delay, ...options })
    .toBuffer({ resolveWithObject: true })
  const { pages, delay: delays } = await sharp(data).metadata()
  const result = { info: info.pages, pages: pages ?? 'a still', delays: delays?.join() ?? 'none' }
  console.log(format, `${frames.length} frames`, options ?? '', result)
  return result
}

const { versions } = sharp
console.log(`node ${process.version}, sharp ${versions.sharp}, libwebp ${versions.webp}, cgif ${versions.cgif}`)
const frames = [red, red, blue, blue, blue, red]
const merged = { info: 6, pages: 3, delays: '300,1200,600' }
assert.deepEqual(await encode('webp', frames, { lossless: true }), merged)
assert.deepEqual(await encode('webp', [red, red, red]), { info: 3, pages: 'a still', delays: 'none' })
assert.deepEqual(await encode('gif', frames), merged)
assert.deepEqual(await encode('gif', frames, { keepDuplicateFrames: true }), {
  info: 6,
  pages: 6,
  delays: '100,200,300,400,500,600',
})
JS
node try.mjs
