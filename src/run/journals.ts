import { openJournal, type Journal } from '../state/journal.js'
import type { Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import type { OutputFolder } from './types.js'

/** The journals of all output folders of a run. */
export interface Journals {
  /** Writes a result down where it is news, then tells of it: what was told is not made again. In the order given. */
  keep(result: Result, tell: () => void): void
  /** When all is told. */
  told(): Promise<void>
  /** Drops the journal of a folder whose manifest has it all. */
  end(out: string): Promise<void>
  /** Leaves to the next run what hasn't been dropped. */
  close(): Promise<void>
}

/** Opens the journals of folders that keep a manifest; nothing is written before there are results. */
export function openJournals(store: Store, folders: readonly OutputFolder[]): Journals {
  const journals = new Map<string, Journal>()
  for (const { out, state, memory, journal } of folders) {
    if (memory !== undefined && journal !== undefined) journals.set(out, openJournal(store, state, journal))
  }
  let waiting = 0
  let last = Promise.resolve()
  return {
    keep(result, tell) {
      const journal = isNews(result, folders) ? journals.get(result.job.out) : undefined
      // A run that makes nothing goes through its results at once.
      if (journal === undefined && waiting === 0) return tell()
      waiting++
      const kept = journal?.add(result)
      last = last.then(async () => {
        await kept
        waiting--
        tell()
      })
      // Whoever waits for all hears of it.
      last.catch(() => {})
    },
    told: () => last,
    async end(out) {
      await journals.get(out)?.end()
    },
    async close() {
      await last.catch(() => {})
      await Promise.all([...journals.values()].map((journal) => journal.close()))
    },
  }
}

/** Whether a manifest learns anything of a result. */
function isNews({ job, outputs, analysis, error }: Result, folders: readonly OutputFolder[]): boolean {
  if (folders.some(({ known }) => known.has(job))) return false
  return error !== undefined || analysis !== undefined || outputs.some(({ action }) => action !== 'unchanged')
}
