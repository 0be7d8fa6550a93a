import type { SendCommand } from './redis-client.js'
import type { Records } from './types.js'

interface NotesOptions {
  readonly prefix: string
  /** Milliseconds after which a server without a sign of life counts as ended. */
  readonly lifeMs: number
  /** Id of this server. */
  readonly server: string
}

/** Signs of life in the time after which a server counts as ended. */
const BEATS = 3
/** Notes that are read at once. */
const PAGE = 500

/** Notes of unfinished work, each with the server that it is on. */
type Notes = Pick<Records, 'begin' | 'finish' | 'listUnfinished' | 'close'>

/** Creates the notes of a server in Redis. Its sign of life begins with its first note. */
export function createNotes(send: SendCommand, { prefix, lifeMs, server }: NotesOptions): Notes {
  const [unfinished, holders] = [`${prefix}:unfinished`, `${prefix}:holders`]
  const life = createLife(send, (id) => `${prefix}:server:${id}`, { lifeMs, server })
  return {
    async begin(id) {
      await life.start()
      // A note without a holder is taken for one of a server that has ended, so the holder comes first.
      await send('HSET', holders, id, server)
      await send('ZADD', unfinished, 0, id)
    },
    async finish(id) {
      await send('ZREM', unfinished, id)
      await send('HDEL', holders, id)
    },
    async *listUnfinished() {
      const living = new Map<string | null, Promise<boolean>>([
        [server, Promise.resolve(false)],
        [null, Promise.resolve(false)],
      ])
      for (let from = '-'; ;) {
        const ids = (await send('ZRANGEBYLEX', unfinished, from, '+', 'LIMIT', 0, PAGE)) as string[] // as it answers
        const last = ids.at(-1)
        if (last === undefined) return
        const found = (await send('HMGET', holders, ...ids)) as (string | null)[] // as HMGET answers
        for (const [at, id] of ids.entries()) {
          const holder = found[at] ?? null
          const lives = living.get(holder) ?? life.isAlive(holder ?? '')
          living.set(holder, lives)
          if (!(await lives)) yield id
        }
        from = `(${last}`
      }
    },
    close: () => life.end(),
  }
}

/** Creates the sign of life of a server: a key that expires unless it is set again. */
function createLife(
  send: SendCommand,
  keyOf: (server: string) => string,
  { lifeMs, server }: Pick<NotesOptions, 'lifeMs' | 'server'>,
) {
  let timer: NodeJS.Timeout | undefined
  const beat = () => send('SET', keyOf(server), '1', 'PX', lifeMs)
  return {
    async start(): Promise<void> {
      if (timer !== undefined) return
      // One that fails is followed by another.
      timer = setInterval(() => void beat().catch(() => {}), lifeMs / BEATS).unref()
      await beat()
    },
    isAlive: async (id: string) => (await send('EXISTS', keyOf(id))) === 1,
    async end(): Promise<void> {
      clearInterval(timer)
      timer = undefined
      await send('DEL', keyOf(server)).catch(() => {})
    },
  }
}
