import { z } from 'zod'
import type { Source, Store } from './types.js'

/** What a source was like when its outputs were made: by this alone an unchanged one isn't opened again. */
export interface Seen {
  /** Bytes. */
  readonly size: number
  readonly modified?: string | undefined
  readonly etag?: string | undefined
  /** Under which limits and versions it failed for good, if it did. */
  readonly failed?: string | undefined
}

/** Sources by their ids in the manifest. */
export type SeenSources = ReadonlyMap<string, Seen>

const VERSION = 1

const seenSchema = z.object({
  size: z.number(),
  modified: z.string().optional(),
  etag: z.string().optional(),
  failed: z.string().optional(),
})
const fileSchema = z.object({ version: z.literal(VERSION), sources: z.record(z.string(), seenSchema) })

/** Where an output folder keeps what is only the tool's. It may be deleted: then content hashes decide. */
function seenFile(out: string): string {
  return `${out}/.imgproc/seen.json`
}

/** What is known of the sources of an output folder; nothing where the file isn't there, or can't be read. */
export async function readSeen(store: Store, out: string): Promise<SeenSources> {
  const ref = seenFile(out)
  if ((await store.stat(ref)) === undefined) return new Map()
  const text = Buffer.from(await store.read(ref)).toString()
  const parsed = fileSchema.safeParse(parseJson(text))
  return new Map(parsed.success ? Object.entries(parsed.data.sources) : [])
}

/** Writes what is known, one source a line, unless the file says so already. */
export async function writeSeen(store: Store, out: string, seen: SeenSources): Promise<void> {
  const [ref, text] = [seenFile(out), format(seen)]
  const before = await store.read(ref).catch(() => undefined)
  if (before !== undefined && Buffer.from(before).toString() === text) return
  await store.write(ref, Buffer.from(text), { contentType: 'application/json' })
}

/** Whether a source is as it was, as far as its store can tell; undefined where only its content can. */
export function isSame({ size, modified, etag }: Source, seen: Seen): boolean | undefined {
  if (size > 0 && size !== seen.size) return false
  if (etag !== undefined && seen.etag !== undefined) return etag === seen.etag
  return modified !== undefined && modified === seen.modified ? true : undefined
}

function format(seen: SeenSources): string {
  const lines = [...seen]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, source]) => `  ${JSON.stringify(id)}: ${JSON.stringify(source)}`)
  return `{ "version": ${VERSION}, "sources": {\n${lines.join(',\n')}\n} }\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
