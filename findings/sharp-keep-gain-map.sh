#!/usr/bin/env bash
# Guess: keepGainMap() keeps the gain map of an Ultra HDR photo that is rotated, as its documentation says.
# Result: with sharp.cache(false) the promise is rejected: "VipsJpeg: Not a JPEG file: starts with 0x.. 0x..". With the cache it
#   resolves. Mirroring alone resolves. (lovell/sharp pull request #4599)
# Why it matters: sharp.cache(false) is common in batches and servers, and phones store most photos with a rotation. Who catches the
#   error and encodes without keepGainMap() loses the HDR look of such photos.
# Instead: take metadata().gainMap.image, run the same operations on it, and append it to the JPEG yourself.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import sharp from 'sharp'

const HDRGM = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
const CONTAINER = 'http://ns.google.com/photos/1.0/container/'

function segment(marker, body) {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

const insert = (jpeg, part) => Buffer.concat([jpeg.subarray(0, 2), part, jpeg.subarray(2)])

function xmp(attributes, contents = '') {
  const rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
  const description = `<rdf:Description ${HDRGM} ${attributes}>${contents}</rdf:Description>`
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${rdf}>${description}</rdf:RDF></x:xmpmeta>`
  return segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${packet}`))
}

/** Returns the list of both pictures (CIPA DC-007), for a primary JPEG of that many bytes without it. */
function mpf(primary, map) {
  const list = Buffer.alloc(4 + 50 + 32)
  list.write('MPF\0II*\0\x08\0\0\0\x03\0', 'latin1')
  list.write('00B007000400000030313030' + '01B004000100000002000000' + '02B007002000000032000000', 14, 'hex')
  const end = primary + list.length + 4
  const entries = [0x030000, end, 0, 0, 0, map, end - 10, 0]
  for (const [index, value] of entries.entries()) list.writeUInt32LE(value, 54 + 4 * index)
  return segment(0xe2, list)
}

const create = (width, height, background) =>
  sharp({ create: { width, height, channels: 3, background } }).jpeg().toBuffer()

const map = insert(
  await create(100, 75, 'white'),
  xmp('hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2"'),
)
const items = ['Primary"', `GainMap" Item:Length="${map.length}"`]
  .map((item) => `<Container:Item Item:Mime="image/jpeg" Item:Semantic="${item}/>`)
  .map((item) => `<rdf:li rdf:parseType="Resource">${item}</rdf:li>`)
const directory = `<Container:Directory><rdf:Seq>${items.join('')}</rdf:Seq></Container:Directory>`
const primary = insert(
  await create(400, 300, 'teal'),
  xmp(`xmlns:Container="${CONTAINER}" xmlns:Item="${CONTAINER}item/"`, directory),
)
const photo = Buffer.concat([insert(primary, mpf(primary.length, map.length)), map])
assert.ok((await sharp(photo).metadata()).gainMap)

const OPERATIONS = {
  none: (image) => image,
  flop: (image) => image.flop(),
  'rotate(90)': (image) => image.rotate(90),
  'rotate(180)': (image) => image.rotate(180),
}
const TRIES = 10

/** Encodes with the gain map. Returns `kept`, `lost`, or the message of the error. */
async function outcome(operation) {
  const image = operation(sharp(photo)).keepGainMap().jpeg()
  return image.toBuffer().then(
    async (data) => ((await sharp(data).metadata()).gainMap ? 'kept' : 'lost'),
    (error) => /VipsJpeg: Not a JPEG file/.exec(error.message)?.[0] ?? error.message,
  )
}

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}, libultrahdr ${sharp.versions.uhdr}`)
for (const cache of [true, false]) {
  sharp.cache(cache)
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const seen = {}
    for (let left = TRIES; left > 0; left--) {
      const each = await outcome(operation)
      seen[each] = (seen[each] ?? 0) + 1
    }
    console.log(`cache(${cache}), ${name}:`, seen)
    const fails = !cache && name.startsWith('rotate')
    if (fails) assert.ok(seen['VipsJpeg: Not a JPEG file'] > 0)
    else assert.deepEqual(seen, { kept: TRIES })
  }
}
JS
node try.mjs
