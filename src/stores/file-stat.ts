import { stat as statWithCallback, statSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { createPace } from './disk-pace.js'

/** The promises of node:fs/promises cost twice as much. */
const statInThread = promisify(statWithCallback)

const pace = createPace(0.25)

/** What a disk says of a file. */
export async function statFile(path: string): Promise<Stats> {
  return pace.isQuick() ? pace.time(() => statSync(path)) : statInThread(path)
}
