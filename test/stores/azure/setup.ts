import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { afterAll, beforeAll, vi } from 'vitest'
import { createAzureStore } from '../../../src/stores/azure/store.js'
import type { StoreSetup } from '../contract.js'

/** The account that Azurite has, and that Microsoft documents for everybody. */
export const ACCOUNT = 'devstoreaccount1'
export const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

interface Azurite {
  /** URL of the account. */
  readonly endpoint: string
  readonly connectionString: string
  stop(): Promise<void>
}

/** Starts Microsoft's emulator in a process of its own, with all data in memory. It checks signatures. */
async function startAzurite(): Promise<Azurite> {
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [main, '--blobPort', '0', '--silent', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /listens on (http:\S+)/.exec(line)?.[1]
    if (address === undefined) continue
    const endpoint = `${address.replace(/\/$/, '')}/${ACCOUNT}`
    return {
      endpoint,
      connectionString: `AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${endpoint}`,
      stop: () =>
        new Promise((resolve) => {
          child.once('exit', () => resolve())
          child.kill('SIGKILL')
        }),
    }
  }
  throw new Error('Azurite ended before it listened.')
}

/** Variables that lead the SDKs of Azure elsewhere. */
const VARIABLES = [
  'AZURE_STORAGE_CONNECTION_STRING',
  'AZURE_STORAGE_ACCOUNT',
  'AZURE_STORAGE_KEY',
  'AZURE_STORAGE_SAS_TOKEN',
  'AZURE_STORAGE_SERVICE_ENDPOINT',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_TENANT_ID',
]

/** Hides the variables of the machine from the tests. */
export function clearAzureVariables(): void {
  for (const name of VARIABLES) vi.stubEnv(name, '')
}

/** A server with a container. */
export interface AzureServer {
  readonly azurite: Azurite
  readonly container: ContainerClient
  setup(): Promise<StoreSetup>
}

/** Starts Azurite with a container before the tests, with its credentials in the environment, and stops it after them. */
export function useAzurite(): AzureServer {
  let azurite: Azurite
  let container: ContainerClient
  beforeAll(async () => {
    clearAzureVariables()
    azurite = await startAzurite()
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', azurite.connectionString)
    const name = `imgproc-${randomBytes(8).toString('hex')}`
    container = new ContainerClient(
      `${azurite.endpoint}/${name}`,
      new StorageSharedKeyCredential(ACCOUNT, KEY),
    )
    await container.create()
  })
  afterAll(async () => {
    await azurite.stop()
    vi.unstubAllEnvs()
  })
  return {
    get azurite() {
      return azurite
    },
    get container() {
      return container
    },
    setup: async () => {
      const root = `az://${container.containerName}/`
      return {
        store: createAzureStore(),
        ref: (name) => root + name,
        pattern: (glob) => root + glob,
        cleanup: async () => {
          for await (const { name } of container.listBlobsFlat()) await container.deleteBlob(name)
        },
      }
    },
  }
}
