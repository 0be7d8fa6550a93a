#!/usr/bin/env bash
# Guess: sharp converts an AVIF to sRGB by the colour space in its header, as it does for an ICC profile.
# Result: colours given by code points (an 'nclx' box, as avifenc and phones write) are ignored, unlike an ICC profile.
#   A Display P3 AVIF keeps its numbers, 200,110,90, in an output that counts as sRGB. It should be 214,104,84.
# Why it matters: wide-gamut AVIF becomes pale, and metadata() shows neither the code points nor a profile.
# Instead: read the nclx box yourself, and attach the fitting ICC profile before sharp converts.
# Needs avifenc (Debian: libavif-bin).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent
if ! command -v avifenc >/dev/null; then
  echo 'Install avifenc first: apt-get install libavif-bin' >&2
  exit 2
fi

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import sharp from 'sharp'

const solid = sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 200, g: 110, b: 90 } } })
await solid.clone().png().toFile('numbers.png')
const P3 = '12/13/1' // primaries of Display P3, curve of sRGB, matrix of BT.709
const options = ['--min', '0', '--max', '0', '-y', '444', '--cicp', P3]
execFileSync('avifenc', [...options, 'numbers.png', 'nclx.avif'], { stdio: 'pipe' })

// The same numbers as Display P3, with an ICC profile instead.
const profile = (await sharp(await solid.clone().withIccProfile('p3').png().toBuffer()).metadata()).icc
writeFileSync('p3.icc', profile)
execFileSync('avifenc', [...options.slice(0, -2), '--icc', 'p3.icc', 'numbers.png', 'icc.avif'], { stdio: 'pipe' })

const { versions } = sharp
const avifenc = /[\d.]+/.exec(execFileSync('avifenc', ['--version'], { encoding: 'utf8' }))[0]
console.log(`node ${process.version}, sharp ${versions.sharp}, libheif ${versions.heif}, avifenc ${avifenc}`)
const expected = { 'nclx.avif': [200, 110, 90], 'icc.avif': [214, 104, 84] }
for (const [file, colour] of Object.entries(expected)) {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
  const { icc, space } = await sharp(file).metadata()
  console.log(`${file}: ${data.subarray(0, 3).join()}, space ${space}, profile ${icc === undefined ? 'no' : 'yes'}`)
  assert.equal(info.channels, 3)
  for (const [channel, value] of colour.entries()) assert.ok(Math.abs(data[channel] - value) <= 2, file)
}
JS
node try.mjs
