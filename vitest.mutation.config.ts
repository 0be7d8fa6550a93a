import { readFileSync } from 'node:fs'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

process.env.UV_THREADPOOL_SIZE ||= '8'

// Rooms whose mutants `npm run mutation` tries, set by stryker.config.mjs.
const rooms = (process.env.IMGPROC_MUTATION ?? '*').split(',')

/**
 * Runs files without pictures or random inputs first, and small ones before large ones. Most mutants end there: a mutant
 * needs no more tests after the first that fails.
 */
class FastestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const costs = files.map((file) => {
      const code = readFileSync(file.moduleId, 'utf8')
      return {
        file,
        cost: /fast-check|support\/(?:pictures|jpeg-cuts)/.test(code) ? 1e6 + code.length : code.length,
      }
    })
    return costs.toSorted((a, b) => a.cost - b.cost).map(({ file }) => file)
  }
}

export default defineConfig({
  test: {
    include: rooms.map((room) => `test/${room}/**/*.test.ts`),
    // The first compiles itself with tsc, which does not see mutants. The second draws large SVGs for half a minute. The
    // third makes dozens of whole runs, which shows nothing of the room itself.
    exclude: [
      ...configDefaults.exclude,
      'test/operations/types.test.ts',
      'test/operations/settings/density.test.ts',
      'test/state/up-to-date.test.ts',
    ],
    pool: 'forks',
    testTimeout: 30_000,
    // A mutant runs the tests many times: importing sharp and zod for each file would take most of the time.
    isolate: false,
    sequence: { sequencer: FastestFirst },
    env: { PROPERTY_RUNS: '8' },
    setupFiles: ['test/support/property-seed.ts', 'test/support/few-runs.ts'],
  },
})
