import { defineConfig } from 'vitest/config'

// Enough threads for sharp and file access. libuv reads this at startup, so it must be set before the workers start.
process.env.UV_THREADPOOL_SIZE ||= '8'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cli/setup.ts'],
    setupFiles: ['test/support/many-listeners.ts', 'test/support/property-seed.ts'],
    exclude: ['test/long/**', 'test/browser/**'],
    pool: 'forks',
    maxWorkers: 2,
    // Importing sharp, zod and the code again for each file takes a third of the time.
    isolate: false,
    // Only for tests that hang: a machine that is busy with other work needs many times the usual time.
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    coverage: {
      include: ['src/**/*.ts'],
      // Compiled to WebAssembly, which V8 does not measure.
      exclude: ['src/codec/assembly/**'],
      reporter: ['text-summary'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
})
