import fc from 'fast-check'

// Mutation tests run each property many times. The seed is fixed, so that a mutant is not killed by chance.
fc.configureGlobal({ seed: 16, numRuns: Number(process.env['PROPERTY_RUNS']) })
