import { ImgprocError } from '../../errors.js'
import type { PixelOp } from '../define-operation.js'
import * as registry from '../registry.js'
import { adaptOperation } from './adapt-operation.js'
import type { OwnOperation } from './types.js'

/*
 * The operations of users in this process. Lists of operations are plain JSON that names them, in configs, jobs, queues and
 * URLs; so a name stands for one operation in the whole process.
 */

interface Registered {
  readonly op: PixelOp
  readonly own: OwnOperation
  readonly module: string
}

const registered = new Map<string, Registered>()

/** Names with another meaning in URLs. */
const RESERVED = new Set(['preset', 'width', 'dpr', 'key', 'expires', 'signature', 'v'])

const EXAMPLE =
  "export default { name: 'invert', summary: 'Inverts colours.', version: 1, apply: (pixels) => { …; return pixels } }"

/** Returns the operations of users, sorted by name. */
export function listOwnOperations(): readonly PixelOp[] {
  return [...registered.values()].map(({ op }) => op).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Returns an operation of a user by name. */
export function findOwnOperation(name: string): PixelOp | undefined {
  return registered.get(name)?.op
}

/** Forgets the operations of users, for tests that share a process. */
export function forgetOperations(): void {
  registered.clear()
}

/**
 * Makes an operation known to this process. It replaces one of the same name and version.
 *
 * @param name the name under which it is registered: it has to be its own.
 * @param module where it comes from, for messages.
 * @throws ImgprocError INVALID_CONFIG for something that is no operation, a name that is taken, and another version of an
 * operation that this process has in use.
 */
export function registerOperation(name: string, value: unknown, module: string): void {
  const own = checkOperation(name, value, module)
  const known = registered.get(name)
  if (known?.own === own) return
  if (known !== undefined && known.op.version !== String(own.version)) {
    const message = `this process has it in version ${known.op.version} from ${known.module}, and now gets version ${own.version} from ${module}. Restart the process, or give one of them another name.`
    throw createOwnOperationError(name, message)
  }
  registered.set(name, { op: adaptOperation(own, module), own, module })
}

function checkOperation(name: string, value: unknown, module: string): OwnOperation {
  if (typeof value !== 'object' || value === null || typeof Reflect.get(value, 'apply') !== 'function')
    throw createOwnOperationError(
      name,
      `${module} exports no operation (an object with a function apply). Minimal example: ${EXAMPLE}`,
    )
  const problem = findProblem(value, name)
  if (problem !== undefined) throw createOwnOperationError(name, `${problem} (${module})`)
  return value as OwnOperation // checked
}

function findProblem(own: Partial<Record<keyof OwnOperation, unknown>>, name: string): string | undefined {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return 'its name has to be letters and digits, such as vignette'
  if (Object.hasOwn(registry, name)) return 'imgproc has an operation of that name. Choose another one'
  if (RESERVED.has(name)) return 'that name has another meaning in URLs. Choose another one'
  if (own.name !== name) return `its name is ${JSON.stringify(own.name)}. Register it under that name`
  if (typeof own.summary !== 'string' || own.summary === '') return 'it has no summary, one sentence for help'
  if (!['string', 'number'].includes(typeof own.version) || own.version === '')
    return 'it has no version. Outputs are made again when it changes'
  const wrong = (['size', 'channels', 'shorthand'] as const).find(
    (key) => own[key] !== undefined && typeof own[key] !== 'function',
  )
  if (wrong !== undefined) return `its ${wrong} is not a function`
  const { params } = own
  const isSchema =
    params === undefined ||
    typeof params === 'function' ||
    (typeof params === 'object' && params !== null && '~standard' in params)
  return isSchema ? undefined : 'its params are neither a Standard Schema nor a function'
}

/** Creates the error of an operation that cannot be used. */
export function createOwnOperationError(name: string, problem: string, cause?: unknown): ImgprocError {
  return new ImgprocError('INVALID_CONFIG', `The operation "${name}": ${problem}`, { stage: 'config', cause })
}
