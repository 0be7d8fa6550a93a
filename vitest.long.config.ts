import { defineConfig } from 'vitest/config'

process.env.UV_THREADPOOL_SIZE ||= '8'

// Tests with servers, thousands of files or memory limits. Two files run at once: many of them wait for servers and kills.
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts', 'test/stores/s3/rgw.test.ts'],
    globalSetup: ['test/cli/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
