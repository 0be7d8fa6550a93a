// The steps of a run, loaded together when one starts: most importers of the library only call `transform`.
export { executeRun } from './execute-run.js'
export { planOnly, prepareRun } from './prepare.js'
export { resolveRun } from './resolve-options.js'
