import { openJournal, type Journal } from '../state/journal.js'
import type { Result } from '../jobs/types.js'
import type { Store } from '../stores/types.js'
import type { OutputFolder } from './types.js'

/** The journals of all output folders of a run. */
export interface Journals {
  /** Takes room for the first results of folders that have jobs to make. To be awaited before the first output is written. */
  reserve(): Promise<void>
  /**
   * Writes a result into its folder's journal if it changes the manifest, then calls `report`: a reported result
   * survives a kill. Results are reported in the order of the calls.
   *
   * @param isListed true if the manifest lists the result already.
   */
  add(result: Result, isListed: boolean, report: () => void): void
  /** Resolves when all results are reported. */
  flushed(): Promise<void>
  /** Removes the journal of a folder whose manifest has been written. */
  remove(out: string): Promise<void>
  /** Closes the journals. Those that were not removed are for the next run to read. */
  close(): Promise<void>
}

/** Opens the journals of folders that keep a manifest. Nothing is written before `reserve` or the first result. */
export function openJournals(store: Store, folders: readonly OutputFolder[]): Journals {
  const journals = new Map<string, Journal>()
  for (const { out, state, history, journal } of folders) {
    if (history !== undefined && journal !== undefined) journals.set(out, openJournal(store, state, journal))
  }
  let waiting = 0
  let last = Promise.resolve()
  return {
    async reserve() {
      const busy = folders.filter(({ checked }) => checked.toMake.length > 0)
      await Promise.all(busy.map(async ({ out }) => journals.get(out)?.reserve()))
    },
    add(result, isListed, report) {
      const journal = !isListed && changesManifest(result) ? journals.get(result.job.out) : undefined
      // Without anything to write, results are reported at once.
      if (journal === undefined && waiting === 0) return report()
      waiting++
      const written = journal?.add(result)
      last = last.then(async () => {
        await written
        waiting--
        report()
      })
      // `flushed` rejects with the error.
      last.catch(() => {})
    },
    flushed: () => last,
    async remove(out) {
      await journals.get(out)?.end()
    },
    async close() {
      await last.catch(() => {})
      await Promise.all([...journals.values()].map((journal) => journal.close()))
    },
  }
}

function changesManifest({ outputs, analysis, error }: Result): boolean {
  return error !== undefined || analysis !== undefined || outputs.some(({ action }) => action !== 'unchanged')
}
