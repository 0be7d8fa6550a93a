#!/usr/bin/env bash
# Guess: STORAGE_EMULATOR_HOST and the option `apiEndpoint` both replace the server of @google-cloud/storage, and nothing else.
# Result: with the variable the client leaves out `/storage/v1`, the base path of the JSON API; with the option it sends it. So a
#   server that has only the documented paths answers 404 to metadata, reads and lists. Uploads keep `/upload/storage/v1` in both cases.
# Why it matters: a test against an emulator shows other requests than the service gets, and a proxy of the JSON API that works by
#   the option does not by the variable.
# Instead: set the variable to a URL that ends with `/storage/v1` if the server has only that path, or give `apiEndpoint`.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true }' >package.json
npm i @google-cloud/storage@7.22.0 --no-audit --no-fund --silent

cat >try.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'

const paths = []
const server = createServer((request, response) => {
  paths.push(`${request.method} ${new URL(request.url, 'http://localhost').pathname}`)
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`

/** Returns the paths that reading the metadata and writing a file ask for. */
async function ask(options) {
  // Loaded at each call with the variable as it is.
  const { Storage } = await import('@google-cloud/storage')
  const file = new Storage({ projectId: 'p', ...options }).bucket('b').file('x')
  paths.length = 0
  await file.getMetadata()
  await file.save('text', { resumable: false, validation: false })
  return [...paths]
}

const byOption = await ask({ apiEndpoint: url, useAuthWithCustomEndpoint: false })
process.env.STORAGE_EMULATOR_HOST = url
const byVariable = await ask({})
server.close()
server.closeAllConnections()
console.log(`node ${process.version}, @google-cloud/storage 7.22.0`)
console.log('apiEndpoint:', byOption)
console.log('STORAGE_EMULATOR_HOST:', byVariable)
assert.deepEqual(byOption, ['GET /storage/v1/b/b/o/x', 'POST /upload/storage/v1/b/b/o'])
assert.deepEqual(byVariable, ['GET /b/b/o/x', 'POST /upload/storage/v1/b/b/o'])
JS
node try.mjs
