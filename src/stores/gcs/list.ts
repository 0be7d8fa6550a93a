import type { FileMetadata, GetFilesOptions } from '@google-cloud/storage'
import type { BackendListOptions, OrderedListOptions, Source } from '../types.js'
import { fieldOf } from '../cloud/failure.js'
import { listPages, type Page, toSource } from '../cloud/list.js'
import type { GcsClients } from './clients.js'
import { toGcsError } from './errors.js'
import { type GcsRef, parseRef } from './uri.js'

/** Objects of a page, at most. */
const PAGE = 1000

/** Properties of an object that are asked for: all of them would be twenty times as long. */
const FIELDS = 'name,size,updated,md5Hash,generation'

/**
 * Lists the objects whose ref begins with a prefix, in ascending order of the UTF-8 bytes of their names, as the service does.
 * Holds one page of up to 1000 objects at a time.
 */
export async function* listObjects(
  clients: GcsClients,
  prefix: string,
  options: BackendListOptions & OrderedListOptions,
): AsyncGenerator<Source> {
  const location = parseRef(prefix)
  yield* listPages(prefix, (token) => requestPage(clients, prefix, location, token, options))
}

/**
 * Converts the resource of an object to a source. Its tag is the MD5 of its content, like the ETag of S3, since that of
 * Google changes with the metadata. Composite objects have none: the generation changes with each write.
 */
export function resourceToSource(ref: string, { size, updated, md5Hash, generation }: FileMetadata): Source {
  return toSource(ref, {
    size: Number(size ?? 0),
    modified: updated === undefined ? undefined : new Date(updated),
    etag: md5Hash ?? (generation === undefined ? undefined : String(generation)),
  })
}

async function requestPage(
  clients: GcsClients,
  prefix: string,
  { bucket, name }: GcsRef,
  token: string | undefined,
  { signal, shallow = false, after, limit = PAGE }: BackendListOptions & OrderedListOptions,
): Promise<Page> {
  const query: GetFilesOptions = {
    autoPaginate: false,
    prefix: name,
    fields: `items(${FIELDS}),nextPageToken`,
    // The one of `after` itself comes first.
    maxResults: Math.min(limit + 1, PAGE),
    ...(shallow && { delimiter: '/' }),
    ...(after !== undefined && { startOffset: parseRef(after).name }),
    ...(token !== undefined && { pageToken: token }),
  }
  try {
    return await clients.request(bucket, signal, async ({ bucket: client }) => {
      const [files, next] = await client.getFiles(query)
      const nextToken: unknown = fieldOf(next, 'pageToken')
      // With `fields`, the SDK returns the resources themselves, which its types do not tell.
      const resources = files as readonly unknown[] as readonly FileMetadata[]
      return {
        sources: resources.flatMap((resource) =>
          resource.name === undefined ? [] : [resourceToSource(`gs://${bucket}/${resource.name}`, resource)],
        ),
        next: typeof nextToken === 'string' && nextToken !== '' ? nextToken : undefined,
      }
    })
  } catch (error) {
    throw toGcsError(error, prefix, 'storage.objects.list', signal)
  }
}
