#!/usr/bin/env bash
# Guess: withDensity(96) writes a resolution into the output, and nothing else of the source.
# Result: it also keeps the whole EXIF of the source, with author and GPS position. Without it, sharp writes no EXIF.
# Why it matters: a web service publishes where a photo was taken, because it set a resolution.
# Instead: encode without metadata first, then call withDensity() on that result.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const LATITUDE = Buffer.from([51, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0]) // 51/1 30/1
const source = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c86e5a' } })
  .withExif({
    IFD0: { Artist: 'Example Author' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
  })
  .jpeg()
  .toBuffer()

async function describe(bytes) {
  const { exif, density } = await sharp(bytes).metadata()
  return {
    density: density ?? 'none',
    exif: exif !== undefined,
    author: exif?.includes('Example Author') ?? false,
    gps: exif?.includes(LATITUDE) ?? false,
  }
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
for (const format of ['jpeg', 'png', 'webp', 'avif']) {
  const plain = await describe(await sharp(source).toFormat(format).toBuffer())
  const withDensity = await describe(await sharp(source).withDensity(96).toFormat(format).toBuffer())
  console.log(format, 'without withDensity', plain)
  console.log(format, 'with withDensity(96)', withDensity)
  assert.equal(plain.exif, false)
  assert.equal(withDensity.author, true)
  assert.equal(withDensity.gps, true)
}

const clean = await sharp(source).toBuffer()
const twice = await describe(await sharp(clean).withDensity(96).jpeg().toBuffer())
console.log('jpeg, EXIF dropped first', twice)
assert.deepEqual([twice.density, twice.author, twice.gps], [96, false, false])
JS
node try.mjs
