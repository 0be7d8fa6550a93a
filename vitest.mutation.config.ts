import { defineConfig } from 'vitest/config'

process.env.UV_THREADPOOL_SIZE ||= '8'

// Tests of the rooms whose mutants `npm run mutation` tries. IMGPROC_MUTATION limits it to some: plan,state.
const rooms = (process.env.IMGPROC_MUTATION ?? 'operations,render/passes,plan,manifest,state').split(',')

export default defineConfig({
  test: {
    include: rooms.map((room) => `test/${room}/**/*.test.ts`),
    pool: 'forks',
    testTimeout: 30_000,
  },
})
