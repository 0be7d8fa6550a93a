import { Worker } from 'node:worker_threads'
import { ImgprocError, type ErrorCode } from '../../../errors.js'
import { createDisposablePool, type CallLimits } from '../../../utils/disposable-pool.js'
import { findModelFiles, type Model } from './model-files.js'

/** A call of a model on pictures of its input's size. */
interface ModelRequest {
  readonly model: Model
  /** RGB of one picture after the other, 8 bits a channel. */
  readonly pixels: Uint8Array
}

/** Values that a model computed for one picture, by the name of the output. */
export type ModelOutputs = Readonly<Record<string, Float32Array>>

type Answer =
  | {
      readonly outputs: readonly ModelOutputs[]
      /** Memory of the thread: its heap, and that of WebAssembly. */
      readonly bytes: number
    }
  | { readonly failed: string; readonly otherWeights?: string }

/** The models take 50 to 210 MB, and load in half a second. */
const IDLE_SECONDS = 30

/*
 * The worker's program is a string because Node 20 starts workers only from JavaScript files, and such a file would be at
 * different places in src/ and dist/. Packages are resolved outside, because the worker would look for them in the working
 * directory.
 *
 * WebAssembly computes the same on every machine and version of Node.js; TensorFlow's native library does not. Threads
 * of its own would compete with those of the run.
 */
const PROGRAM = `
const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { getHeapStatistics } = require('node:v8')
const { parentPort } = require('node:worker_threads')

// TensorFlow.js prints advice.
for (const name of ['log', 'info', 'warn', 'error']) console[name] = () => {}

let started
const models = new Map()

function start([core, converter, backend], wasm) {
  return (started ??= (async () => {
    const tf = require(core)
    const { setWasmPaths } = require(backend)
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    setWasmPaths(wasm)
    if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly could not be started')
    return { tf, load: require(converter).loadGraphModel }
  })())
}

const isModule = (file) => file.endsWith('.js')

function load(files, sha256, loadGraphModel) {
  const topology = isModule(files.topology) ? require(files.topology) : JSON.parse(readFileSync(files.topology))
  const weights = Buffer.concat(
    files.weights.map((file) => (isModule(file) ? Buffer.from(require(file), 'base64') : readFileSync(file))),
  )
  const found = createHash('sha256').update(weights).digest('hex')
  if (found !== sha256) throw Object.assign(new Error('other weights'), { otherWeights: found })
  const { modelTopology, weightsManifest, format, signature, userDefinedMetadata } = topology
  return loadGraphModel({
    load: async () => ({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: Uint8Array.from(weights).buffer,
      format,
      signature,
      userDefinedMetadata,
    }),
  })
}

async function run({ files, model, pixels }) {
  const { tf, load: loadGraphModel } = await start(files.runtime, files.wasm)
  if (!models.has(model.id)) models.set(model.id, await load(files, model.sha256, loadGraphModel))
  const graph = models.get(model.id)
  const { side, scale, offset } = model
  const length = side * side * 3
  const answers = []
  for (let at = 0; at < pixels.length; at += length) {
    // A loop: Float32Array.from with a function takes as long as half of the model.
    const input = new Float32Array(length)
    for (let index = 0; index < length; index++) input[index] = pixels[at + index] * scale + offset
    const tensor = tf.tensor(input, [1, side, side, 3])
    const tensors = [].concat(graph.execute(tensor, model.outputs))
    answers.push(Object.fromEntries(tensors.map((one, index) => [model.outputs[index], one.dataSync().slice()])))
    tf.dispose([tensor, tensors])
  }
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics()
  return { outputs: answers, bytes: heap + external }
}

parentPort.on('message', (request) =>
  run(request).then(
    (answer) => parentPort.postMessage(answer),
    ({ message, otherWeights }) => parentPort.postMessage({ failed: message, otherWeights }),
  ),
)
`

/*
 * One thread a process: models that run side by side would need memory and cores that the run has for pictures. While it
 * computes, other pictures are decoded.
 */
const pool = createDisposablePool<Worker, ModelRequest, Answer>({
  size: 1,
  idleSeconds: IDLE_SECONDS,
  // Without the loaders that the process was started with.
  start: () => new Worker(PROGRAM, { eval: true, execArgv: [] }),
  send: (worker, { model, pixels }) =>
    worker.postMessage({ files: findModelFiles(model), model, pixels }, []),
  kill: (worker) => worker.terminate(),
  ref: (worker) => worker.ref(),
  unref: (worker) => worker.unref(),
  isReusable: (answer) => !('failed' in answer),
  retainedBytes: (answer) => ('failed' in answer ? 0 : answer.bytes),
  retainsWhileBusy: true,
  createTimeoutError: () =>
    createModelError('TIMED_OUT', 'It took longer than the limit of seconds (limits.seconds, --timeout).'),
  createCrashError: (cause) =>
    createCrashError(cause instanceof Error ? cause.message : 'its thread ended', cause),
})

/** Memory that loaded models take from a budget, from their first answer on until their thread ends. */
export const modelMemory: { readonly retainedBytes: () => number } = { retainedBytes: pool.retainedBytes }

/**
 * Runs a model on pictures, in a thread. Calls wait for each other.
 *
 * Throws INVALID_CONFIG if a package is missing or holds other weights, TIMED_OUT, ABORTED, and INTERNAL if the thread
 * crashes.
 */
export async function runModel(
  model: Model,
  pixels: Uint8Array,
  limits: CallLimits,
): Promise<readonly ModelOutputs[]> {
  // Before the thread starts: the error is the user's.
  findModelFiles(model)
  const answer = await pool.call({ model, pixels }, limits)
  if (!('failed' in answer)) return answer.outputs
  throw answer.otherWeights === undefined
    ? createCrashError(answer.failed)
    : createOtherWeightsError(model, answer.otherWeights)
}

function createOtherWeightsError(model: Model, found: string): ImgprocError {
  return createModelError(
    'INVALID_CONFIG',
    `The package ${model.package} holds another version of the model ${model.id} (SHA-256 ${found.slice(0, 12)} instead of ${model.sha256.slice(0, 12)}). Install a version that the peerDependencies of imgproc name.`,
  )
}

function createCrashError(reason: string, cause?: unknown): ImgprocError {
  const message = `The model crashed: ${reason}. Try again with a lower --concurrency.`
  return new ImgprocError('INTERNAL', message, { retryable: true, cause })
}

function createModelError(code: ErrorCode, message: string): ImgprocError {
  return new ImgprocError(code, message, code === 'INVALID_CONFIG' ? { stage: 'config' } : {})
}
