#!/usr/bin/env node
// CommonJS, because the size of the thread pool must be set before any module loads asynchronously.
'use strict'

const { availableParallelism } = require('node:os')
const { parseArgs } = require('node:util')
const { setFlagsFromString } = require('node:v8')

/** Pool threads for file access, besides those for images. Few, because an idle thread keeps its memory arena. */
const FILE_THREADS = 2
/**
 * Delays V8's optimising compiler: the budget of executed bytecode is several times its default. A run takes seconds, and
 * with the default, compiling took a tenth of the time of a run of small images. Only for the V8 of Node.js 20; later
 * versions compile less in the first seconds.
 */
const V8_FLAGS = process.versions.v8.startsWith('11.') ? '--interrupt-budget=500000' : ''
/** libuv's maximum for UV_THREADPOOL_SIZE. */
const MAX_THREADS = 1024

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  console.log(require('../package.json').version)
} else if (isTooOld(process.versions.node)) {
  fail(`needs Node.js 20.19 or newer, but this is ${process.versions.node}. Update Node.js.`)
} else if (!require('node:fs').existsSync(`${__dirname}/../dist/bundle/main.js`)) {
  fail(`is not built. Run "npm ci" in ${require('node:path').dirname(__dirname)}`)
} else {
  // An empty value counts as unset; libuv would read it as one thread.
  if (!process.env.UV_THREADPOOL_SIZE) {
    process.env.UV_THREADPOOL_SIZE = String(Math.min(imagesAtOnce() + FILE_THREADS, MAX_THREADS))
  }
  setFlagsFromString(V8_FLAGS)
  // Suppresses the AWS SDK's warning about Node.js 20 on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // Node.js 22 and later. Without it, compiling takes an eighth of the time of a one-image run.
  require('node:module').enableCompileCache?.()
  void import('../dist/bundle/main.js').then(({ main, endDespiteLeftovers }) =>
    main(args).then(endDespiteLeftovers),
  )
}

/** Returns the number of images processed at once. Invalid values are rejected later, by the command. */
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
