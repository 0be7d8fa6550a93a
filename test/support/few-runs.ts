import fc from 'fast-check'

// Mutation tests run each property many times.
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: Number(process.env['PROPERTY_RUNS']) })
