#!/usr/bin/env node
// CommonJS, since only here, before any module loads asynchronously, can the thread pool still be sized.
'use strict'

const { availableParallelism } = require('node:os')
const { parseArgs } = require('node:util')
const { setFlagsFromString } = require('node:v8')

/** Threads beside those that process images. No more, since each keeps what its images once took of memory. */
const FILE_THREADS = 2
/**
 * How much of a function has to run before V8 optimises it, several times its default: a run takes seconds, and to compile
 * for a longer one took a tenth of what a run of small images did. Only the V8 of Node.js 20 has it: later ones compile less
 * for the first seconds by themselves.
 */
const V8_FLAGS = process.versions.v8.startsWith('11.') ? '--interrupt-budget=500000' : ''
/** libuv makes no more. */
const MOST_THREADS = 1024

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  console.log(require('../package.json').version)
} else if (isTooOld(process.versions.node)) {
  fail(`needs Node.js 20.19 or newer, and this is ${process.versions.node}: update Node.js`)
} else if (!require('node:fs').existsSync(`${__dirname}/../dist/bundle/main.js`)) {
  fail(`is not built yet: run "npm ci" in ${require('node:path').dirname(__dirname)}`)
} else {
  // An empty value counts as unset: libuv would take it for one thread.
  if (!process.env.UV_THREADPOOL_SIZE) {
    process.env.UV_THREADPOOL_SIZE = String(Math.min(imagesAtOnce() + FILE_THREADS, MOST_THREADS))
  }
  setFlagsFromString(V8_FLAGS)
  // The AWS SDK warns about Node 20 on stderr, which is for what concerns the user.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // From Node 22 on: without it, an eighth of the time that one image takes is compiling.
  require('node:module').enableCompileCache?.()
  void import('../dist/bundle/main.js').then(({ main }) => main(args))
}

/** How many images are processed at once. A value that is no such number is for the command to refuse. */
function imagesAtOnce() {
  const options = { concurrency: { type: 'string', short: 'j' } }
  const { concurrency } = parseArgs({ args, options, strict: false }).values
  const wanted = Number(concurrency ?? process.env.IMGPROC_CONCURRENCY)
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 2 * availableParallelism()
}

function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number)
  return major < 20 || (major === 20 && minor < 19)
}

function fail(sentence) {
  console.error(`imgproc ${sentence}`)
  process.exitCode = 2
}
