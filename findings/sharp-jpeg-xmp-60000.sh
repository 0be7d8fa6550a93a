#!/usr/bin/env bash
# Guess: keepXmp() and withXmp() either write the XMP into a JPEG or reject the promise.
# Result: XMP over 60,000 bytes is left out. The promise resolves; only the instance's 'warning' event tells. A JPEG
#   segment could hold 65,502 bytes, so even XMP that came from a JPEG is lost. PNG, WebP, AVIF and TIFF keep it.
# Why it matters: XMP of photo editors (long histories, masks) passes 60,000 bytes, and copyright texts go with it.
# Instead: listen to 'warning', or compare metadata().xmp of the output; write longer XMP into the JPEG yourself.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

/** Returns an XMP packet with a length of that many bytes. */
function xmpOf(length) {
  const head =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>'
  const tail = '</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>'
  return head + 'x'.repeat(length - head.length - tail.length) + tail
}

const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c86e5a' } })
  .jpeg()
  .toBuffer()

/** Returns the JPEG with the XMP in a segment. */
function jpegWith(xmp) {
  const payload = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`)
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, payload, jpeg.subarray(2)])
}

async function encode(image, format) {
  const warnings = []
  image.on('warning', (warning) => warnings.push(warning))
  const { xmp } = await sharp(await image.toFormat(format).toBuffer()).metadata()
  return { length: xmp?.length ?? 0, warnings }
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
for (const length of [60_000, 60_001, 65_502]) {
  const source = jpegWith(xmpOf(length))
  const read = (await sharp(source).metadata()).xmp.length
  const kept = await encode(sharp(source).keepXmp(), 'jpeg')
  const set = await encode(sharp(jpeg).withXmp(xmpOf(length)), 'jpeg')
  console.log(`XMP of ${length} bytes: read ${read}, keepXmp`, kept, 'withXmp', set)
  assert.equal(read, length)
  const isLost = length > 60_000
  for (const { length: written, warnings } of [kept, set]) {
    assert.equal(written, isLost ? 0 : length)
    assert.deepEqual(warnings, isLost ? ['large XMP not saved'] : [])
  }
}
for (const format of ['png', 'webp', 'avif', 'tiff']) {
  const { length } = await encode(sharp(jpegWith(xmpOf(65_502))).keepXmp(), format)
  console.log(`XMP of 65502 bytes into ${format}: ${length}`)
  assert.equal(length, 65_502)
}
JS
node try.mjs
