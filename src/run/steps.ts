// The steps of a run, loaded together when one starts: most importers of the library only call `transform`.
export { executeRun } from './execute-run.js'
export { openRun, planOnly, prepareRun } from './prepare.js'
export { summarizeUnchanged } from './snapshot/check-snapshot.js'
export { loadRunOperations, resolveRun } from './resolve-options.js'
