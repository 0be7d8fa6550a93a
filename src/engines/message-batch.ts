/** Sends messages in batches. Each send costs both ends of a channel as much as half the JavaScript of a small image. */
export interface MessageBatch<T> {
  /** Adds a message, which is sent soon. */
  readonly post: (message: T) => void
  /** Sends all pending messages now. */
  readonly flush: () => void
}

interface MessageBatchOptions<T> {
  readonly send: (messages: readonly T[]) => void
  /** Messages after which a batch is sent at once. @default Infinity */
  readonly maxMessages?: number
  /** Calls its argument when the pending messages are due. */
  readonly schedule: (flush: () => void) => void
}

export function createMessageBatch<T>({
  send,
  maxMessages = Infinity,
  schedule,
}: MessageBatchOptions<T>): MessageBatch<T> {
  let pending: T[] = []
  const flush = () => {
    const messages = pending
    pending = []
    if (messages.length > 0) send(messages)
  }
  return {
    post(message) {
      pending.push(message)
      if (pending.length >= maxMessages) flush()
      else if (pending.length === 1) schedule(flush)
    },
    flush,
  }
}
