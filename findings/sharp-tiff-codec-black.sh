#!/usr/bin/env bash
# Guess: a TIFF whose compression sharp's libtiff does not have is refused, at least with failOn 'error'.
# Result: sharp 0.35.5 has no ZSTD. A file in strips is refused, but the same pixels in tiles become a black picture
#   without an error. Only failOn 'warning' (the default) refuses both.
# Why it matters: failOn 'error' is common, to accept files with harmless warnings. Good files then become black outputs.
# Instead: read tag 259 (Compression) before decoding, or keep failOn 'warning' for TIFF.
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
const pixels = Buffer.concat(Array.from({ length: SIDE * SIDE }, () => Buffer.from([200, 110, 90])))

/** Returns a Zstandard frame (RFC 8878) with its content stored in one raw block. */
function zstd(content) {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 0, 0, 0, 0]) // single segment, 2-byte content size
  head.writeUInt16LE(content.length - 256, 5)
  head.writeUIntLE((content.length << 3) | 1, 7, 3) // last block, raw
  return Buffer.concat([head, content])
}

/** Returns an RGB TIFF with one block of data, as a tile or as a strip. */
function tiff(compression, data, isTiled) {
  const layout = isTiled
    ? [[322, 4, SIDE], [323, 4, SIDE], [324, 4, 8], [325, 4, data.length]]
    : [[273, 4, 8], [277, 3, 3], [278, 4, SIDE], [279, 4, data.length]]
  const bits = 8 + data.length
  const entries = [[256, 4, SIDE], [257, 4, SIDE], [258, 3, bits, 3], [259, 3, compression], [262, 3, 2]]
  entries.push(...(isTiled ? [[277, 3, 3]] : []), ...layout)
  const ifd = Buffer.alloc(2 + entries.length * 12 + 4)
  ifd.writeUInt16LE(entries.length)
  for (const [at, [tag, type, value, count = 1]] of entries.entries()) {
    ifd.writeUInt16LE(tag, 2 + at * 12)
    ifd.writeUInt16LE(type, 4 + at * 12)
    ifd.writeUInt32LE(count, 6 + at * 12)
    ifd.writeUInt32LE(value, 10 + at * 12)
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])
  head.writeUInt32LE(bits + 6, 4)
  return Buffer.concat([head, data, Buffer.from([8, 0, 8, 0, 8, 0]), ifd])
}

async function read(bytes, failOn) {
  try {
    const { data } = await sharp(bytes, { failOn }).raw().toBuffer({ resolveWithObject: true })
    return data.subarray(0, 3).join()
  } catch (error) {
    return `refused: ${error.message.split('\n')[0]}`
  }
}

const { versions } = sharp
console.log(`node ${process.version}, sharp ${versions.sharp}, libvips ${versions.vips}, libtiff ${versions.tiff}`)
const ZSTD = 50000
const seen = {}
for (const [name, compression, data] of [['none', 1, pixels], ['zstd', ZSTD, zstd(pixels)]])
  for (const layout of ['strip', 'tile'])
    for (const failOn of ['error', 'warning']) {
      const result = await read(tiff(compression, data, layout === 'tile'), failOn)
      seen[`${name} ${layout} ${failOn}`] = result
      console.log(`${name}, one ${layout}, failOn ${failOn}: ${result}`)
    }

for (const key of ['none strip error', 'none strip warning', 'none tile error', 'none tile warning'])
  assert.equal(seen[key], '200,110,90')
for (const key of ['zstd strip error', 'zstd strip warning', 'zstd tile warning'])
  assert.match(seen[key], /^refused: .*ZSTD/)
assert.equal(seen['zstd tile error'], '0,0,0')
JS
node try.mjs
