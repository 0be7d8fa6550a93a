// Ends with 0 if the server in this container is alive.
const url = process.env.IMGPROC_HEALTH_URL ?? 'http://127.0.0.1:3000/healthz'
const response = await fetch(url, { signal: AbortSignal.timeout(4000) })
process.exitCode = response.ok ? 0 : 1
