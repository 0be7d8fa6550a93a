#!/usr/bin/env node
// CommonJS, because the size of the thread pool must be set before any module loads asynchronously.
'use strict'

const { availableParallelism } = require('node:os')
const { parseArgs } = require('node:util')

/** Pool threads for file access, besides those for images. Few, because an idle thread keeps its memory arena. */
const FILE_THREADS = 2
const COMMAND = `${__dirname}/../dist/bundle/command.cjs`
/** libuv's maximum for UV_THREADPOOL_SIZE. */
const MAX_THREADS = 1024

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  console.log(require('../package.json').version)
} else if (isTooOld(process.versions.node)) {
  fail(`needs Node.js 20.19 or newer, but this is ${process.versions.node}. Update Node.js.`)
} else if (!require('node:fs').existsSync(COMMAND)) {
  fail(`is not built. Run "npm ci" in ${require('node:path').dirname(__dirname)}`)
} else {
  // An empty value counts as unset; libuv would read it as one thread.
  if (!process.env.UV_THREADPOOL_SIZE) {
    process.env.UV_THREADPOOL_SIZE = String(Math.min(imagesAtOnce() + FILE_THREADS, MAX_THREADS))
  }
  // Suppresses the AWS SDK's warning about Node.js 20 on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { main, endProcess, saveCode } = loadCommand()
  void main(args).then((hasWorked) => {
    saveCode?.(hasWorked)
    endProcess()
  })
}

/** Loads the command and its compiled code: compiling takes a third of the time of a run of one image. */
function loadCommand() {
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache !== undefined) {
    enableCompileCache()
    return require(COMMAND)
  }
  const { loadWithCache } = require('./node-20.cjs')
  const name = /^[a-z]+$/.test(args[0]) ? args[0] : 'other'
  const { exports, save } = loadWithCache(COMMAND, `${__dirname}/../dist/cache`, name)
  return { ...exports, saveCode: save }
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
