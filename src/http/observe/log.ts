import { pino, stdTimeFunctions, type Logger } from 'pino'
import type { LogLevel, LogStream } from './types.js'

/** Text in place of a secret. */
const REDACTED = '[redacted]'

/** A parameter that holds a secret, by its name. */
const SECRET_PARAMETER = /([?&](?:signature|token|access_token)=)[^&#]*/gi

/** A token of `imgproc token`, wherever it stands. */
const TOKEN = /imgproc_[\w-]{20,}/g

/** Creates a log of JSON lines. */
export function createLog(stream: LogStream, level: LogLevel = 'info'): Logger {
  return pino(
    {
      level,
      // Host and process id belong to the collector of the lines.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void stream.write(line) },
  )
}

/** Returns a text, such as a URL, without signatures and tokens. */
export function redact(text: string): string {
  return text.replaceAll(SECRET_PARAMETER, `$1${REDACTED}`).replaceAll(TOKEN, REDACTED)
}
