import { defineConfig } from 'vitest/config'

process.env.UV_THREADPOOL_SIZE ||= '8'

// Servers, thousands of files, memory: one file at a time, since they measure what the machine has.
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts', 'test/stores/s3/rgw.test.ts'],
    globalSetup: ['test/cli/setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
