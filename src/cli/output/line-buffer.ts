/** Takes text, such as `process.stdout`. */
interface TextSink {
  write(text: string): unknown
}

/** Milliseconds that a line waits at most. */
const DELAY = 50
/** Characters that are written at once. */
const MAX_CHARACTERS = 64 * 1024

/**
 * Collects lines and writes them together: each write to a pipe wakes its reader, which costs a busy server a tenth of its
 * processor. Lines that still wait are written when the process exits.
 */
export function createLineBuffer(sink: TextSink): TextSink {
  let lines = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (lines !== '') sink.write(lines)
    lines = ''
  }
  process.once('exit', flush)
  return {
    write(line) {
      lines += line
      if (lines.length >= MAX_CHARACTERS) flush()
      else timer ??= setTimeout(flush, DELAY).unref()
    },
  }
}
