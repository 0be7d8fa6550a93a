import { defineConfig } from 'vitest/config'

// Enough threads for sharp and the files; only the environment of the workers' parent reaches libuv in time.
process.env.UV_THREADPOOL_SIZE ||= '8'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cli/setup.ts'],
    exclude: ['test/long/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 85 },
    },
  },
})
