/*
 * Mutation testing: changes the code in many small ways, and counts how many of these mutants a test notices.
 *
 *   npm run mutation                                  all rooms below, for hours
 *   IMGPROC_MUTATION=plan,state npm run mutation      some of them
 *
 * Only the tests of the same room are run, so that a room is shown to be tested by its own tests.
 */
// vitest.mutation.config.ts reads it too.
process.env.IMGPROC_MUTATION ??= 'operations,render/passes,plan,manifest,state'
const rooms = process.env.IMGPROC_MUTATION.split(',')

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: rooms.flatMap((room) => [`src/${room}/**/*.ts`, `!src/${room}/**/*.generated.ts`]),
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Code that runs once at import, such as tables, can't be assigned to a test.
  ignoreStatic: true,
  // Stryker 9 reads this file by an API that TypeScript 7 no longer has. A missing file is skipped.
  tsconfigFile: 'no-typescript-api.json',
  ignorePatterns: ['bench', 'coverage', 'docs', 'torture'],
  tempDirName: 'coverage/stryker',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  htmlReporter: { fileName: 'coverage/mutation.html' },
  timeoutMS: 20_000,
  concurrency: 2,
}
