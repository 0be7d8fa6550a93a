#!/usr/bin/env bash
# Guess: `info` of toBuffer() describes the bytes that come with it, also for raw pixels.
# Result: after resize, extract and extend in one pipeline, `info` has the size of the extracted area, without the border.
#   The pixels have the border. extract and extend without resize are right.
# Why it matters: raw pixels are interpreted with a wrong row length, and a manifest gets a wrong width and height.
# Instead: extend in a second pass, calculate the size yourself, or read it from the header of the encoded output.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const source = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#c86e5a' } })
  .png()
  .toBuffer()
const area = { left: 10, top: 10, width: 50, height: 30 }

async function measure(name, image) {
  const raw = await image.clone().raw().toBuffer({ resolveWithObject: true })
  const png = await image.clone().png().toBuffer({ resolveWithObject: true })
  const { width, height } = await sharp(png.data).metadata()
  const result = {
    info: `${png.info.width}x${png.info.height}`,
    file: `${width}x${height}`,
    rawInfo: raw.info.width * raw.info.height,
    rawPixels: raw.data.length / raw.info.channels,
  }
  console.log(name, result)
  return result
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
assert.deepEqual(await measure('extract, extend', sharp(source).extract(area).extend(10)), {
  info: '70x50',
  file: '70x50',
  rawInfo: 3500,
  rawPixels: 3500,
})
const resized = sharp(source).resize(100, 100, { fit: 'fill' })
assert.deepEqual(await measure('resize, extract, extend', resized.extract(area).extend(10)), {
  info: '50x30',
  file: '70x50',
  rawInfo: 1500,
  rawPixels: 3500,
})
JS
node try.mjs
