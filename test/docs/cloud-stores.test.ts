import { readFile } from 'node:fs/promises'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { beforeAll, describe, expect, it } from 'vitest'
import { ACCOUNT, KEY, useAzurite } from '../stores/azure/setup.js'
import { useGcs } from '../stores/gcs/setup.js'
import { createGcsStore } from '../../src/stores/gcs/store.js'
import { openDocumentProject, readBlocks } from '../support/documents.js'

/** Lines that install packages, start the emulator, or name it: the tests have done so. */
const PREPARATION = /^(?:npm install|npx azurite-blob|export AZURE_)/
const NAME = 'originals/landscape.jpg'

const blocks = (await readBlocks('docs/cloud-stores.md'))
  .filter(({ language }) => language === 'sh')
  .map(({ code }) => code.split('\n').filter((line) => line !== '' && !PREPARATION.test(line)))
  .filter((lines) => lines.length > 0)

describe('docs/cloud-stores.md', () => {
  const gcs = useGcs()
  const azure = useAzurite()

  beforeAll(async () => {
    const photo = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))
    for (const bucket of ['shop-photos', 'shop-images']) gcs.server.buckets.set(bucket, new Map())
    await createGcsStore().write(`gs://shop-photos/${NAME}`, photo, { contentType: 'image/jpeg' })
    for (const name of ['photos', 'images']) {
      const key = new StorageSharedKeyCredential(ACCOUNT, KEY)
      const container = new ContainerClient(`${azure.azurite.endpoint}/${name}`, key)
      await container.create()
      if (name === 'photos') await container.getBlockBlobClient(NAME).uploadData(photo)
    }
  })

  it.each(blocks.map((lines) => [lines.join('; '), lines] as const))(
    'has commands that work: %s',
    async (_, lines) => {
      const project = await openDocumentProject()
      try {
        for (const line of lines) await expect(project.shell(line)).resolves.toBeDefined()
      } finally {
        await project.remove()
      }
    },
  )

  it('has three blocks of commands', () => {
    expect(blocks).toHaveLength(3)
  })
})
