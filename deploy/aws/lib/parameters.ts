import { existsSync, readFileSync } from 'node:fs'
import { FOLDER } from './folder.js'

/** Parameters of the stack, by `-c name=value` or in `cdk.json`. */
export interface Parameters {
  /** Shows the demo page at `/`. */
  readonly demo: boolean
  /** Signatures of image URLs: `off` lets everybody ask for every picture. */
  readonly signatures: 'required' | 'optional' | 'off'
  /** Takes uploads and answers to tokens, below `/v1/`. */
  readonly uploads: boolean
  /** Encrypts both buckets by a key of its own, instead of by one of S3. */
  readonly kms: boolean
  readonly architecture: 'arm64' | 'x64'
  /** Megabytes; CPU grows with it: 1769 are one core. */
  readonly memory: number
  /** Days after which results are made again. */
  readonly resultDays: number
  /** Gets a mail for each alarm. */
  readonly alarmEmail: string | undefined
  /** Folder of the function, as `npm run build` makes it. */
  readonly code: string
  /** Further options of the handler: presets, tokens, limits. */
  readonly options: Readonly<Record<string, unknown>>
}

const SIGNATURES = ['required', 'optional', 'off'] as const
const ARCHITECTURES = ['arm64', 'x64'] as const

/** Reads the parameters of a deployment. Throws for a wrong value. */
export function readParameters(
  context: (name: string) => unknown,
): Parameters & { readonly stackName: string } {
  return {
    stackName: text(context('stackName')) ?? 'Imgproc',
    demo: flag('demo', context('demo'), false),
    signatures: choice('signatures', context('signatures'), SIGNATURES, 'required'),
    uploads: flag('uploads', context('uploads'), false),
    kms: flag('kms', context('kms'), false),
    architecture: choice('architecture', context('architecture'), ARCHITECTURES, 'arm64'),
    memory: count('memory', context('memory'), 1769, 256, 10_240),
    resultDays: count('resultDays', context('resultDays'), 30, 1, 3650),
    alarmEmail: text(context('alarmEmail')),
    code: text(context('code')) ?? `${FOLDER}build/function`,
    options: readOptions(text(context('options')) ?? `${FOLDER}imgproc.json`),
  }
}

function readOptions(path: string): Readonly<Record<string, unknown>> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw new Error(`${name}: expected true or false, got ${JSON.stringify(value)}`)
}

function choice<T extends string>(name: string, value: unknown, known: readonly T[], fallback: T): T {
  if (value === undefined) return fallback
  const found = known.find((one) => one === value)
  if (found !== undefined) return found
  throw new Error(`${name}: expected one of ${known.join(', ')}, got ${JSON.stringify(value)}`)
}

function count(name: string, value: unknown, fallback: number, from: number, to: number): number {
  if (value === undefined) return fallback
  const number = Number(value)
  if (Number.isInteger(number) && number >= from && number <= to) return number
  throw new Error(`${name}: expected a whole number from ${from} to ${to}, got ${JSON.stringify(value)}`)
}
