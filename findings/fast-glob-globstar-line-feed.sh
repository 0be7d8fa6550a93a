#!/usr/bin/env bash
# Guess: the globstar (`**`) matches whatever `*` matches, in any folder.
# Result: fast-glob 3.3.3 with picomatch 2.3.2 finds no file below a folder whose name has a line feed by `**/name`,
#   while `*/name` finds it. The regular expression of `**` uses `.`, which matches no line feed; that of `*` uses
#   `[^/]`. picomatch 4.0.7 is the same.
# Why it matters: a batch leaves files out silently. Names with line feeds come from downloads and copied titles.
# Instead: walk folders without a pattern, or give fast-glob a file system that replaces line feeds in names.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i fast-glob@3.3.3 micromatch@4.0.8 picomatch@2.3.2 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fastGlob from 'fast-glob'

const require = createRequire(import.meta.url)
const versionOf = (name) => `${name} ${require(`${name}/package.json`).version}`
console.log(`node ${process.version}, ${['fast-glob', 'micromatch', 'picomatch'].map(versionOf).join(', ')}`)

mkdirSync('files/two\nlines', { recursive: true })
mkdirSync('files/plain')
for (const name of ['a.jpg', 'b\nc.jpg', 'plain/d.jpg', 'two\nlines/d.jpg']) writeFileSync(`files/${name}`, '')

const seen = {}
for (const pattern of ['*.jpg', '*/*.jpg', '*/d.jpg', '**/d.jpg', '**/*d*', '**']) {
  seen[pattern] = fastGlob.sync(pattern, { cwd: 'files' }).toSorted()
  console.log(pattern, JSON.stringify(seen[pattern]))
}
assert.deepEqual(seen['*.jpg'], ['a.jpg', 'b\nc.jpg'])
assert.deepEqual(seen['*/*.jpg'], ['plain/d.jpg', 'two\nlines/d.jpg'])
assert.deepEqual(seen['*/d.jpg'], ['plain/d.jpg', 'two\nlines/d.jpg'])
assert.deepEqual(seen['**/d.jpg'], ['plain/d.jpg'])
assert.deepEqual(seen['**/*d*'], ['plain/d.jpg'])
assert.deepEqual(seen['**'], ['a.jpg', 'plain/d.jpg'])
JS
node try.mjs
