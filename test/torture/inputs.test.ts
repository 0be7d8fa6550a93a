import { describe, expect, it } from 'vitest'
import { generateInputs } from '../../torture/inputs.js'
import type { Seed } from '../../torture/seeds.js'
import { sha256 } from '../../src/utils/sha256.js'

const SEEDS: readonly Seed[] = [
  { name: 'noise', extension: 'png', bytes: Buffer.from(Array.from({ length: 4096 }, (_, at) => at * 7)) },
]
const COUNT = 40

async function hashesOf(seed: number): Promise<string[]> {
  const hashes: string[] = []
  for await (const { kind, bytes } of generateInputs(SEEDS, { count: COUNT, seed }))
    if (kind !== 'legal') hashes.push(sha256(bytes))
  return hashes
}

describe('generateInputs', () => {
  it('gives the same files for the same seed', async () => {
    expect(await hashesOf(7)).toEqual(await hashesOf(7))
  })

  it('gives other files for the next seed', async () => {
    const first = new Set(await hashesOf(7))
    const both = (await hashesOf(8)).filter((hash) => first.has(hash))
    // A few damages, such as cutting off at the same place, may agree by chance.
    expect(both.length).toBeLessThan(COUNT / 4)
  })
})
