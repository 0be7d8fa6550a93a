#!/usr/bin/env bash
# Guess: heic-decode 2.1.0 (libheif-js 1.23.2) decodes HEVC to the pixels that the standard defines, like every decoder.
# Result: its build of libheif leaves out both loop filters, deblocking and sample adaptive offset (SAO), and has no
#   option for them. A file that was encoded without them decodes to the same pixels as with heif-convert; any other
#   differs, by up to 30 levels at low quality.
# Why it matters: block edges stay visible, and compare badly with other decoders. Phones encode with both filters on.
# Instead: accept it for thumbnails; use a native libheif with libde265 or FFmpeg if the pixels count.
# Needs heif-enc and heif-convert (Debian: libheif-examples).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i heic-decode@2.1.0 libheif-js@1.23.2 sharp@0.35.5 --no-audit --no-fund --silent
if ! command -v heif-enc >/dev/null || ! command -v heif-convert >/dev/null; then
  echo 'Install heif-enc and heif-convert first: apt-get install libheif-examples' >&2
  exit 2
fi

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import decode from 'heic-decode'
import sharp from 'sharp'

const SIDE = 256
const rings = Buffer.alloc(SIDE * SIDE)
for (let y = 0; y < SIDE; y++)
  for (let x = 0; x < SIDE; x++) {
    const distance = Math.hypot(x - SIDE / 2, y - SIDE / 2)
    rings[y * SIDE + x] = Math.round(128 + 90 * Math.sin(distance ** 2 / 900))
  }
// Grey, so that chroma upsampling makes no difference.
await sharp(rings, { raw: { width: SIDE, height: SIDE, channels: 1 } })
  .toColourspace('srgb')
  .png()
  .toFile('rings.png')

async function compare(name, options) {
  execFileSync('heif-enc', ['-q', '20', ...options, 'rings.png', '-o', 'rings.heic'], { stdio: 'pipe' })
  execFileSync('heif-convert', ['rings.heic', 'native.png'], { stdio: 'pipe' })
  const native = await sharp('native.png').removeAlpha().toColourspace('srgb').raw().toBuffer()
  const { data } = await decode({ buffer: readFileSync('rings.heic') })
  let max = 0
  let differing = 0
  for (let at = 0; at < SIDE * SIDE; at++) {
    const difference = Math.abs(native[at * 3] - data[at * 4])
    max = Math.max(max, difference)
    if (difference > 2) differing++
  }
  const result = { max, percentOver2: Math.round((differing / (SIDE * SIDE)) * 1000) / 10 }
  console.log(name, result)
  return result
}

const require = createRequire(import.meta.url)
const help = spawnSync('heif-enc', ['--help'], { encoding: 'utf8' })
const native = /libheif version: ([\d.]+)/.exec(help.stdout + help.stderr)?.[1]
console.log(`node ${process.version}, libheif-js ${require('libheif-js/package.json').version}, heif-enc ${native}`)
const filtered = await compare('encoded with both loop filters', [])
const unfiltered = await compare('encoded without them', ['-p', 'x265:no-deblock=1', '-p', 'x265:no-sao=1'])
assert.ok(filtered.max >= 8, 'the decoders agree')
assert.ok(filtered.percentOver2 >= 2, 'the decoders agree')
assert.ok(unfiltered.max <= 1, 'the decoders differ for another reason')
JS
node try.mjs
