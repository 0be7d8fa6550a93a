/** Takes the lines of a log, such as `process.stdout`. */
export interface LogStream {
  write(line: string): unknown
}

/** The least important lines that are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
