#!/usr/bin/env bash
# Guess: pipelineColourspace('srgb') changes nothing about the colours of a grey picture with an ICC profile.
# Result: the picture becomes RGB before its profile is applied, the grey profile no longer fits, and it is skipped.
#   A grey of 60 in a linear profile should be 133 in sRGB, and stays 60. The only sign is the 'warning' event, and
#   pipelineColourspace('grey16') does not send even that.
# Why it matters: scans and black-and-white photos with a grey profile become too dark or too pale.
# Instead: leave pipelineColourspace out for grey sources, or convert them to sRGB in a pass before.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

/** Returns a number as s15Fixed16 of ICC. */
function fixed(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65_536))
  return bytes
}

function uint(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Returns a version 2 ICC profile of grey in linear light. */
function linearGrey() {
  const white = Buffer.concat([0.9642, 1, 0.8249].map((value) => fixed(value)))
  const tags = {
    desc: Buffer.concat([Buffer.from('desc\0\0\0\0'), uint(5), Buffer.from('Grey\0'), Buffer.alloc(79)]),
    cprt: Buffer.from('text\0\0\0\0CC0\0'),
    wtpt: Buffer.concat([Buffer.from('XYZ \0\0\0\0'), white]),
    kTRC: Buffer.concat([Buffer.from('curv\0\0\0\0'), uint(1), Buffer.from([1, 0, 0, 0])]), // gamma 1
  }
  const names = Object.keys(tags)
  let offset = 132 + 12 * names.length
  const table = [uint(names.length)]
  for (const name of names) {
    table.push(Buffer.from(name), uint(offset), uint(tags[name].length))
    offset += tags[name].length
  }
  const header = Buffer.alloc(128)
  uint(offset).copy(header)
  uint(0x02400000).copy(header, 8)
  header.write('mntrGRAYXYZ ', 12)
  header.write('acsp', 36)
  white.copy(header, 68)
  return Buffer.concat([header, ...table, ...Object.values(tags)])
}

const jpeg = await sharp(Buffer.alloc(256, 60), { raw: { width: 16, height: 16, channels: 1 } })
  .toColourspace('b-w')
  .jpeg({ quality: 100 })
  .toBuffer()
const payload = Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([1, 1]), linearGrey()])
const marker = Buffer.from([0xff, 0xe2, 0, 0])
marker.writeUInt16BE(payload.length + 2, 2)
const source = Buffer.concat([jpeg.subarray(0, 2), marker, payload, jpeg.subarray(2)])

async function read(colourspace) {
  const warnings = []
  const image = sharp(source).on('warning', (warning) => warnings.push(warning))
  if (colourspace !== undefined) image.pipelineColourspace(colourspace)
  const [value] = await image.raw().toBuffer()
  return { value, warnings }
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
const seen = {}
for (const colourspace of [undefined, 'b-w', 'srgb', 'rgb16', 'grey16']) {
  seen[colourspace ?? 'none'] = await read(colourspace)
  console.log(`pipelineColourspace ${colourspace ?? 'not called'}:`, seen[colourspace ?? 'none'])
}
const warnings = ['profile incompatible with image']
assert.deepEqual(seen, {
  none: { value: 133, warnings: [] },
  'b-w': { value: 133, warnings: [] },
  srgb: { value: 60, warnings },
  rgb16: { value: 60, warnings },
  grey16: { value: 60, warnings: [] },
})
JS
node try.mjs
