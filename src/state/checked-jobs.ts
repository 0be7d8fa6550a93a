import type { ErrorRecord } from '../errors.js'
import { createJobCodec } from '../jobs/job-codec.js'
import type { Job, Result, SourceFacts } from '../jobs/types.js'
import type { JobList } from '../plan/types.js'
import { createSpool } from '../utils/spool/spool.js'
import type { UpToDateCheck } from './up-to-date.js'

/** The jobs of an output folder after a look at what earlier runs left, which may be more than fit into memory. */
export interface CheckedJobs extends Iterable<UpToDateCheck> {
  /** All jobs, reduced to the renditions that have to be made. */
  readonly jobs: JobList
  /** The jobs that have anything to make. */
  readonly toMake: JobList
  /** True if any of them changes the manifest or the source index. */
  readonly hasChanges: boolean
}

/** Returns jobs of which all are to be made. */
export function uncheckedJobs(jobs: JobList): CheckedJobs {
  return {
    jobs,
    toMake: jobs,
    hasChanges: jobs.length > 0,
    *[Symbol.iterator]() {
      for (const job of jobs) yield { job }
    },
  }
}

/** Collects checks. */
export async function collectChecks(chunks: AsyncIterable<readonly UpToDateCheck[]>): Promise<CheckedJobs> {
  const checks = createSpool(createCheckCodec())
  let unmade = 0
  let hasChanges = false
  for await (const chunk of chunks) {
    for (const check of chunk) {
      checks.add(check)
      if (check.result !== undefined) unmade++
      if (check.isKnown !== true) hasChanges = true
    }
  }
  return {
    hasChanges,
    jobs: {
      length: checks.length,
      *[Symbol.iterator]() {
        for (const { job } of checks) yield job
      },
    },
    toMake: {
      length: checks.length - unmade,
      *[Symbol.iterator]() {
        for (const { job, result } of checks) if (result === undefined) yield job
      },
    },
    [Symbol.iterator]: () => checks[Symbol.iterator](),
  }
}

type EncodedCheck = readonly [job: unknown, isKnown: 0 | 1, result?: EncodedResult]

type EncodedResult = readonly [
  status: Result['status'],
  /** True if the outputs are those that the job has settled; else there are none. */
  hasOutputs: 0 | 1,
  source: SourceFacts | null,
  error?: ErrorRecord,
]

function createCheckCodec() {
  const codec = createJobCodec()
  return {
    encode({ job, result, isKnown }: UpToDateCheck): string {
      const packed = codec.pack(job)
      const flag = isKnown === true ? 1 : 0
      const encoded: EncodedCheck =
        result === undefined ? [packed, flag] : [packed, flag, encodeResult(result)]
      return JSON.stringify(encoded)
    },
    decode(text: string): UpToDateCheck {
      const [packed, isKnown, result] = JSON.parse(text) as EncodedCheck // by `encode`
      const job = codec.unpack(packed)
      return {
        job,
        ...(result !== undefined && { result: decodeResult(result, job) }),
        ...(isKnown === 1 && { isKnown: true }),
      }
    },
  }
}

function encodeResult({ status, outputs, source, error }: Result): EncodedResult {
  const hasOutputs = outputs.length > 0 ? 1 : 0
  const facts = source ?? null
  return error === undefined ? [status, hasOutputs, facts] : [status, hasOutputs, facts, error]
}

function decodeResult([status, hasOutputs, facts, error]: EncodedResult, job: Job): Result {
  return {
    job,
    status,
    ...(facts !== null && { source: facts }),
    outputs: hasOutputs === 1 ? (job.settled ?? []) : [],
    ...(error !== undefined && { error }),
    ms: 0,
  }
}
