import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ImgprocError } from '../../../errors.js'

/** A model: files of an npm package, for TensorFlow.js. */
export interface Model {
  /** Name and version of the model in findings. It changes with everything that may change a finding. */
  readonly id: string
  /** npm package that holds the files. */
  readonly package: string
  /** Files in the package: JSON and binary, or JavaScript modules that export an object and base64. */
  readonly topology: string
  readonly weights: readonly string[]
  /** SHA-256 of all weights, in hex digits. */
  readonly sha256: string
  /** Width and height of its input, in pixels. */
  readonly side: number
  /** Input of the model: `scale` times a level from 0 to 255, plus `offset`. */
  readonly scale: number
  readonly offset: number
  /** Names of the outputs to compute. */
  readonly outputs: readonly string[]
}

/** Absolute paths of a model's files, and the packages that run it. */
export interface ModelFiles {
  readonly topology: string
  readonly weights: readonly string[]
  readonly runtime: readonly string[]
  /** Folder of the runtime's WebAssembly, with a slash at its end. */
  readonly wasm: string
}

/** TensorFlow.js: its core, the reader of models, and the WebAssembly that computes. */
const RUNTIME = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-wasm',
] as const

const require = createRequire(import.meta.url)

/**
 * Finds the files of a model in the installed packages. Loads none of them.
 *
 * @throws ImgprocError INVALID_CONFIG if a package is not installed, with the command that installs all of them.
 */
export function findModelFiles(model: Model): ModelFiles {
  const folder = findPackage(model.package, model)
  const runtime = RUNTIME.map((name) => {
    findPackage(name, model)
    return require.resolve(name)
  })
  return {
    topology: join(folder, model.topology),
    weights: model.weights.map((file) => join(folder, file)),
    runtime,
    wasm: `${join(findPackage(RUNTIME[2], model), 'wasm-out')}/`,
  }
}

/** Returns the folder of an installed package. Some packages do not export their package.json. */
function findPackage(name: string, model: Model): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return dirname(require.resolve(join(folder, name, 'package.json')))
    } catch {}
  }
  throw createMissingError(name, model)
}

function createMissingError(name: string, model: Model): ImgprocError {
  const all = [...RUNTIME, model.package].join(' ')
  const message = `It needs the package ${name}, which is installed separately: npm install ${all}`
  return new ImgprocError('INVALID_CONFIG', message, { stage: 'config' })
}
