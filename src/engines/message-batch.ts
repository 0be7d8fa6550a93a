/** Puts messages together: each costs both ends of a channel as much as half a small image's JavaScript. */
export interface MessageBatch<T> {
  /** Has a message sent, soon. */
  readonly post: (message: T) => void
  /** Sends what there is, now. */
  readonly flush: () => void
}

interface OutboxOptions<T> {
  readonly send: (messages: readonly T[]) => void
  /** So many are sent at once. @default no limit */
  readonly most?: number
  /** Calls what it is given, when it is time for what there is. */
  readonly later: (flush: () => void) => void
}

export function createMessageBatch<T>({ send, most = Infinity, later }: OutboxOptions<T>): MessageBatch<T> {
  let held: T[] = []
  const flush = () => {
    const messages = held
    held = []
    if (messages.length > 0) send(messages)
  }
  return {
    post(message) {
      held.push(message)
      if (held.length >= most) flush()
      else if (held.length === 1) later(flush)
    },
    flush,
  }
}
