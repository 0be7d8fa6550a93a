#!/usr/bin/env bash
# Guess: process.exit() ends the process at once, "even if there are still asynchronous operations pending", as Node's
#   documentation says.
# Result: it waits until every running job of the thread pool ends. While sharp encodes AVIF, that is the whole encode;
#   JavaScript no longer runs, so no timer can help.
# Why it matters: a command that exits on Ctrl+C seems to hang, and a supervisor kills it when its grace period is over.
# Instead: end the process by process.kill(process.pid, 'SIGTERM') without a handler for it, or encode in a child process.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i sharp@0.35.5 --no-audit --no-fund --silent

cat >encode.mjs <<'JS'
import sharp from 'sharp'

const SIDE = 600
const noise = Buffer.alloc(SIDE * SIDE * 3)
let state = 1
for (let at = 0; at < noise.length; at++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  noise[at] = state >>> 16
}
const start = performance.now()
const encoded = sharp(noise, { raw: { width: SIDE, height: SIDE, channels: 3 } }).avif().toBuffer()
const [, , mode] = process.argv
if (mode === 'encode') await encoded
else await new Promise((resolve) => setTimeout(resolve, 200))
process.on('exit', () => console.log(`${mode}: 'exit' event after ${Math.round(performance.now() - start)} ms`))
if (mode === 'exit') process.exit(0)
if (mode === 'kill') process.kill(process.pid, 'SIGTERM')
JS

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import sharp from 'sharp'

console.log(`node ${process.version}, sharp ${sharp.versions.sharp}, libaom ${sharp.versions.aom}`)
const took = {}
for (const mode of ['encode', 'exit', 'kill']) {
  const start = performance.now()
  spawnSync(process.execPath, ['encode.mjs', mode], { stdio: 'inherit' })
  took[mode] = Math.round(performance.now() - start)
  console.log(`${mode}: the process ended after ${took[mode]} ms`)
}
assert.ok(took.encode > 1000, 'the encode is too short to measure')
assert.ok(took.exit > took.encode / 2, 'process.exit() did not wait for the encoder')
assert.ok(took.kill < took.encode / 2, 'SIGTERM waited for the encoder')
JS
node try.mjs
