// Sends requests over eight connections for some seconds, and prints what came back as JSON.
//
//   node load.mjs AUTOCANNON '{ "url": …, "paths": […], "headers": {…}, "seconds": 5 }'
import { pathToFileURL } from 'node:url'

const [file, spec = '{}'] = process.argv.slice(2)
const { url, paths, headers, seconds } = JSON.parse(spec)
const { default: autocannon } = await import(pathToFileURL(file).href)
const result = await autocannon({
  url,
  connections: 8,
  duration: seconds,
  // Each connection begins elsewhere, so that no two ask for the same picture at the same moment.
  setupClient: (client) => {
    const start = Math.floor(Math.random() * paths.length)
    client.setRequests([...paths.slice(start), ...paths.slice(0, start)].map((path) => ({ path, headers })))
  },
})
const { requests, errors, timeouts, statusCodeStats } = result
console.log(
  JSON.stringify({ perSecond: requests.average, errors: errors + timeouts, statuses: statusCodeStats }),
)
