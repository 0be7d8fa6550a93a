import type { Store } from '../../stores/types.js'
import type { ResolvedOptions } from '../types.js'
import type { Admission } from './admission.js'
import type { Machine } from './machine.js'
import { createRenderer, type RenderRequest } from './render.js'
import { createResultCache } from './result-cache.js'
import { createSingleFlight } from './single-flight.js'
import type { Rendition } from './types.js'

/** A rendition, and the place that it came from. */
export interface Found {
  readonly made: Rendition
  readonly from: 'memory' | 'store' | 'render'
}

/** A rendition to make. */
export interface RenditionRequest extends RenderRequest {
  /** Hash of source and recipe, in hex digits; undefined if the source cannot be told from a later one. */
  readonly key: string | undefined
  readonly signal: AbortSignal
}

/** Finds renditions that were made before, and makes others. */
export interface Renditions {
  /** Returns a rendition that is in memory. */
  recall(key: string): Rendition | undefined
  /** Throws the errors of `transform`, OVERLOADED, and ABORTED if the signal aborts. */
  make(request: RenditionRequest): Promise<Found>
  /** Resolves when everything that was made until now is written. */
  settle(): Promise<void>
  /** Resolves when everything is written. */
  close(): Promise<void>
}

/** Creates the renditions of a server. Those that are asked for at the same time are made once. */
export function createRenditions(
  store: Store,
  options: ResolvedOptions,
  { admission, machine }: { readonly admission: Admission; readonly machine: Machine },
): Renditions {
  const cache = createResultCache({
    store,
    folder: `${options.store}/cache`,
    maxBytes: options.cacheBytes,
    memoryBytes: options.memoryBytes,
  })
  const render = createRenderer(store, options, machine)
  const flights = createSingleFlight<Found>()
  return {
    recall: (key) => cache.recall(key),
    async make({ key, signal, ...request }) {
      const renderNow = async (until: AbortSignal): Promise<Found> => ({
        made: await admission.admit(() => render(request, until), until),
        from: 'render',
      })
      if (key === undefined) return renderNow(signal)
      return flights.run(key, signal, async (until) => {
        const stored = await cache.read(key)
        if (stored !== undefined) return { made: stored, from: 'store' }
        const found = await renderNow(until)
        cache.keep(key, found.made)
        return found
      })
    },
    settle: () => cache.settle(),
    close: () => cache.close(),
  }
}
