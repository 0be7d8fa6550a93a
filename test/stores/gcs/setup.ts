import { afterAll, beforeAll, vi } from 'vitest'
import { createGcsStore } from '../../../src/stores/gcs/store.js'
import type { StoreSetup } from '../contract.js'
import { type GcsServer, startGcs } from './json-api.js'

export const BUCKET = 'imgproc-test'

export interface GcsTest {
  readonly server: GcsServer
  setup(): Promise<StoreSetup>
}

/** Starts a server with a bucket before the tests, and stops it after them. */
export function useGcs(): GcsTest {
  let server: GcsServer
  beforeAll(async () => {
    // Asks no metadata service for credentials.
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
    server = await startGcs()
    server.buckets.set(BUCKET, new Map())
    vi.stubEnv('STORAGE_EMULATOR_HOST', server.endpoint)
  })
  afterAll(async () => {
    await server.stop()
    vi.unstubAllEnvs()
  })
  return {
    get server() {
      return server
    },
    setup: async () => ({
      store: createGcsStore(),
      ref: (name) => `gs://${BUCKET}/${name}`,
      pattern: (glob) => `gs://${BUCKET}/${glob}`,
      cleanup: async () => server.buckets.get(BUCKET)?.clear(),
    }),
  }
}
