import { presetNames, type PresetSource } from '../config/presets.js'
import { createStores } from '../stores/create-stores.js'
import { loadStores } from '../stores/load-stores.js'
import { createApp } from './app.js'
import { checkStore } from './check-store.js'
import { createGate } from './gate.js'
import { createAdmission } from './renditions/admission.js'
import { createImageAnswers } from './renditions/answer-image.js'
import { createMachine } from './renditions/machine.js'
import { createRenditions } from './renditions/make-rendition.js'
import { createMetrics } from './observe/metrics.js'
import { createLog } from './observe/log.js'
import { resolveOptions } from './options.js'
import { createProblem } from './response/problem.js'
import type { Services } from './services.js'
import { createUploads } from './uploads/create-uploads.js'
import type { Handler, HandlerOptions } from './types.js'

/**
 * Creates a handler of HTTP requests: presets and operations over the sources and the store of its options. It opens
 * neither before the first request.
 *
 * Throws INVALID_CONFIG, INVALID_OPERATION, UNKNOWN_OPERATION or UNKNOWN_PRESET for wrong options.
 *
 * @example
 * ```ts
 * import { createHandler } from 'imgproc/http'
 * const handler = createHandler({ sources: { photos: './photos' } })
 * const response = await handler.fetch(new Request('http://localhost/photos/landscape.jpg?thumbnail=200'))
 * console.log(response.status, response.headers.get('content-type')) // 200 image/jpeg
 * await handler.close()
 * ```
 */
export function createHandler(options: HandlerOptions = {}): Handler {
  const resolved = resolveOptions(options)
  const gate = createGate()
  const open = async () => {
    const { root, s3, gcs, azure, stores: custom, limits } = resolved
    const own = await loadStores(custom, root)
    const store = createStores({ cwd: root, s3, gcs, azure, own, seconds: limits.seconds })
    const admission = createAdmission(resolved)
    const machine = createMachine(resolved)
    const renditions = createRenditions(store, resolved, { admission, machine })
    const images = createImageAnswers(store, resolved, renditions)
    // Only the names of the presets count.
    const metrics = createMetrics(new Set(presetNames(resolved as PresetSource)))
    metrics.watchQueue('renditions', () => admission.waiting())
    const log = resolved.log && createLog(resolved.log, resolved.logLevel)
    const uploads = await createUploads(store, resolved, machine, log)
    metrics.watchQueue('uploads', () => uploads.images.waiting())
    const services: Services = {
      options: resolved,
      store,
      admission,
      renditions,
      images,
      uploads,
      metrics,
      log,
    }
    uploads.images.start()
    return { services, app: createApp(services) }
  }
  let opened: ReturnType<typeof open> | undefined
  return {
    async fetch(request, facts = {}) {
      try {
        const { app } = await (opened ??= open())
        return await gate.pass(async () => app.fetch(request, facts))
      } catch (error) {
        return createProblem(error)
      }
    },
    async check() {
      const { services } = await (opened ??= open())
      await checkStore(services.store, resolved.store)
    },
    async settle() {
      const { services } = (await opened?.catch(() => undefined)) ?? {}
      await Promise.all([services?.renditions.settle(), services?.uploads.images.idle()])
    },
    async close() {
      await gate.close()
      const { services } = (await opened?.catch(() => undefined)) ?? {}
      await Promise.all([services?.renditions.close(), services?.uploads.images.stop()])
    },
  }
}
