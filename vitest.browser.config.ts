import { defineConfig } from 'vitest/config'

process.env.UV_THREADPOOL_SIZE ||= '8'

// The demo page in a real browser. Without Chromium, its tests are skipped.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/cli/setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
