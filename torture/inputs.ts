import { createRandom } from '../bench/random.js'
import { below, DAMAGES } from './damage.js'
import { legalInputs } from './grammar/index.js'
import type { TortureInput } from './input.js'
import type { Seed } from './seeds.js'

/** Share of the inputs that are legal, if there are enough of them. */
const LEGAL_SHARE = 0.4

/** Spreads seeds over all 32 bits: an odd constant of MurmurHash3's finaliser. */
const SPREAD = 0x85eb_ca6b

/**
 * Generates inputs: legal files of the grammars, then damaged copies of the seeds. The same seed of the random numbers
 * gives the same files.
 */
export async function* generateInputs(
  seeds: readonly Seed[],
  { count, seed }: { readonly count: number; readonly seed: number },
): AsyncGenerator<TortureInput> {
  let made = 0
  for await (const input of legalInputs()) {
    if (made >= count * LEGAL_SHARE) break
    made++
    yield input
  }
  // Adjacent seeds must not give the same files again, moved by one.
  const first = Math.imul(seed, SPREAD)
  for (; made < count; made++) yield damagedInput(seeds, first + made, made)
}

/** Damages one seed, once or twice. */
function damagedInput(seeds: readonly Seed[], randomSeed: number, index: number): TortureInput {
  const random = createRandom(randomSeed)
  const seed = seeds[below(seeds.length, random)]!
  const others = seeds.filter(({ extension }) => extension === seed.extension).map(({ bytes }) => bytes)
  const kinds = Object.keys(DAMAGES) as (keyof typeof DAMAGES)[]
  const kind = kinds[below(kinds.length, random)]!
  let bytes = seed.bytes
  for (let times = random() < 0.25 ? 2 : 1; times > 0 && bytes.length > 0; times--) {
    bytes = DAMAGES[kind](bytes, random, others)
  }
  const { extension } = seed
  return { name: `${index}-${seed.name}-${kind}`, extension, format: formatOf(extension), kind, bytes }
}

/** Returns the row of the table for an extension. */
function formatOf(extension: string): string {
  return { jpg: 'jpeg', jpeg: 'jpeg', tif: 'tiff' }[extension] ?? extension
}
