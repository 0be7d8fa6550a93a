// Faster starts with Node.js 20, which has no module.enableCompileCache(), and whose V8 optimises early.
'use strict'

const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { createRequire, wrap } = require('node:module')
const path = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

/** V8's budget of executed bytecode before it optimises a function, several times its default. */
const LONG_BUDGET = 500_000
/** Milliseconds after which a run counts as long. */
const LONG = 200

/**
 * Loads a CommonJS module of ASCII text whose first line is a comment with its hash. V8 refuses code of another version of
 * itself, which is then compiled again. The module has no `import()`, which V8 does not support in saved code.
 *
 * @param folder of the compiled code. Only who may change the module should be able to write there, since it is executed.
 * @param name of the purpose for which the module is loaded: functions that are not called are not compiled.
 * @returns its exports; and `save`, which saves the code that is compiled by then. Code of a run that called most functions
 * (`isWhole`) replaces that of another.
 */
exports.loadWithCache = function loadWithCache(file, folder, name) {
  const source = readFileSync(file, 'latin1')
  const hash = source.slice('// '.length, source.indexOf('\n'))
  const whole = path.join(folder, `${name}-${hash}-${process.version}-${process.arch}`)
  const part = `${whole}-part`
  const saved = read(whole) ?? read(part)
  const script = new Script(wrap(source), {
    filename: file,
    cachedData: saved?.data,
  })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, path.dirname(file))
  const used = script.cachedDataRejected === false ? saved.file : undefined
  if (used === whole) delayOptimisation()
  const save = (isWhole) => {
    if (used === whole || (used === part && !isWhole)) return
    replaceFile(isWhole ? whole : part, script.createCachedData())
  }
  return { exports: module.exports, save }
}

/**
 * Delays V8's optimising compiler in a long run: with the default, compiling took a tenth of the time of a run of small
 * images. V8 refuses code that was compiled with other flags. So this waits until Node.js has loaded most of its own, and
 * is not called in a run that saves code.
 */
function delayOptimisation() {
  setTimeout(() => setFlagsFromString(`--interrupt-budget=${LONG_BUDGET}`), LONG).unref()
}

function read(file) {
  try {
    return { file, data: readFileSync(file) }
  } catch {
    return undefined
  }
}

/** Replaces a file at once, since other runs may read it. Does nothing if the folder is not writable. */
function replaceFile(file, data) {
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(temporary, data)
    renameSync(temporary, file)
  } catch {
    // Without it, the next run compiles the code again.
  }
}
