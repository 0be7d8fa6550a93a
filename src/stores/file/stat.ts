import { stat as statWithCallback, statSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { createPace } from './sync-when-fast.js'

/** The promises of node:fs/promises cost twice as much. */
const statInThread = promisify(statWithCallback)

const pace = createPace(0.25)

/** Files that are asked after before anybody minds how long it took. */
const TOGETHER = 16
/** Questions that wait in threads at once. */
const ASKED_AT_ONCE = 64

/** What a disk says of a file. */
export async function statFile(path: string): Promise<Stats> {
  return pace.isQuick() ? pace.time(() => statSync(path)) : statInThread(path)
}

/**
 * Answers of a disk about many files, in their order.
 *
 * @param read makes of what the disk says an answer; where it says that it can't, the function throws.
 */
export async function statFiles<Answer>(
  paths: readonly string[],
  read: (path: string, stat: () => Stats) => Answer,
): Promise<Answer[]> {
  const answers: Answer[] = []
  while (answers.length < paths.length) {
    const isQuick = pace.isQuick()
    const some = paths.slice(answers.length, answers.length + (isQuick ? TOGETHER : ASKED_AT_ONCE))
    const ask = () => some.map((path) => read(path, () => statSync(path)))
    answers.push(...(isQuick ? pace.time(ask, some.length) : await Promise.all(some.map(askInThread(read)))))
  }
  return answers
}

function askInThread<Answer>(read: (path: string, stat: () => Stats) => Answer) {
  return (path: string): Promise<Answer> =>
    statInThread(path).then(
      (stats) => read(path, () => stats),
      (error: unknown) =>
        read(path, () => {
          throw error
        }),
    )
}
