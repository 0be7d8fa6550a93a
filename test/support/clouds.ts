import { beforeAll, vi } from 'vitest'
import { useAzurite } from '../stores/azure/setup.js'
import type { StoreSetup } from '../stores/contract.js'
import { BUCKET, useGcs } from '../stores/gcs/setup.js'
import { TEST_KEYS, useS3 } from '../stores/s3/setup.js'

/** A bucket of a cloud. Its server is named in the environment, and runs during the tests of a file or of a `describe`. */
export interface Cloud {
  /** URL of the bucket, without a slash at its end. */
  readonly url: string
  /** Variables that lead a command to the server. */
  readonly env: Readonly<Record<string, string>>
  setup(): Promise<StoreSetup>
}

function useS3Cloud(): Cloud {
  const server = useS3()
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
  })
  return {
    get url() {
      return `s3://${server.bucket.name}`
    },
    get env() {
      return { ...TEST_KEYS, AWS_ENDPOINT_URL_S3: server.endpoint }
    },
    setup: () => server.bucket.setup(),
  }
}

function useGcsCloud(): Cloud {
  const gcs = useGcs()
  return {
    url: `gs://${BUCKET}`,
    get env() {
      return { STORAGE_EMULATOR_HOST: gcs.server.endpoint, METADATA_SERVER_DETECTION: 'none' }
    },
    setup: () => gcs.setup(),
  }
}

function useAzureCloud(): Cloud {
  const server = useAzurite()
  return {
    get url() {
      return `az://${server.container.containerName}`
    },
    get env() {
      return { AZURE_STORAGE_CONNECTION_STRING: server.azurite.connectionString }
    },
    setup: () => server.setup(),
  }
}

/** All clouds, for `describe.each`: what holds for one holds for the others. */
export const CLOUDS: readonly (readonly [name: string, use: () => Cloud])[] = [
  ['S3', useS3Cloud],
  ['Google Cloud Storage', useGcsCloud],
  ['Azure Blob Storage', useAzureCloud],
]
