#!/usr/bin/env bash
# Guess: sharp returns straight (not premultiplied) colours of an AVIF with alpha, as of every other format.
# Result: for an AVIF whose header says that colours are premultiplied ('prem' reference), sharp 0.35.5 returns the
#   premultiplied numbers and does not mark them: 200,110,90 at half alpha is read as 100,55,45. avifdec divides them.
# Why it matters: shadows and translucent edges of such files become dark, most on a white page.
# Instead: look for the 'prem' item reference in the header, and divide the colours by alpha.
# Needs avifenc and avifdec (Debian: libavif-bin).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent
if ! command -v avifenc >/dev/null || ! command -v avifdec >/dev/null; then
  echo 'Install avifenc and avifdec first: apt-get install libavif-bin' >&2
  exit 2
fi

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import sharp from 'sharp'

const SIDE = 64
await sharp(Buffer.concat(Array(SIDE * SIDE).fill(Buffer.from([200, 110, 90, 128]))), {
  raw: { width: SIDE, height: SIDE, channels: 4 },
})
  .png()
  .toFile('half.png')
const lossless = ['--min', '0', '--max', '0', '--minalpha', '0', '--maxalpha', '0']
execFileSync('avifenc', [...lossless, 'half.png', 'straight.avif'], { stdio: 'pipe' })
execFileSync('avifenc', [...lossless, '--premultiply', 'half.png', 'premultiplied.avif'], { stdio: 'pipe' })
execFileSync('avifdec', ['premultiplied.avif', 'avifdec.png'], { stdio: 'pipe' })

const { versions } = sharp
const avifenc = /[\d.]+/.exec(execFileSync('avifenc', ['--version'], { encoding: 'utf8' }))[0]
console.log(`node ${process.version}, sharp ${versions.sharp}, libheif ${versions.heif}, avifenc ${avifenc}`)
const expected = {
  'straight.avif': [200, 110, 90, 128],
  'premultiplied.avif': [100, 55, 45, 128],
  'avifdec.png': [200, 110, 90, 128],
}
for (const [file, colour] of Object.entries(expected)) {
  const pixel = (await sharp(file).raw().toBuffer()).subarray(0, 4)
  console.log(`${file}: ${pixel.join()}`)
  for (const [channel, value] of colour.entries()) assert.ok(Math.abs(pixel[channel] - value) <= 3, file)
}
JS
node try.mjs
