import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { PACKAGE_ROOT } from '../../utils/package-root.js'
import { sha256 } from '../../utils/sha256.js'

/** A file that the page loads. */
export interface Asset {
  readonly type: string
  readonly bytes: Buffer<ArrayBuffer>
}

/** Files of the page. */
export interface Assets {
  /** The page, with places to fill in. */
  readonly template: string
  /** Files by name. */
  readonly files: ReadonlyMap<string, Asset>
  /** Hash of all files, which is part of their paths: so caches may keep them for good. */
  readonly hash: string
}

const FOLDER = new URL('demo/', PACKAGE_ROOT)
/** Files of other extensions are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const HASH_LENGTH = 16

/** Reads the files of the page from the folder `demo` of the package. */
export function readAssets(): Assets {
  const files = new Map(
    readdirSync(FOLDER)
      .toSorted()
      .flatMap((name) => {
        const type = TYPES[extname(name)]
        return type === undefined ? [] : [[name, { type, bytes: read(name) }] as const]
      }),
  )
  const parts = [...files].map(([name, { bytes }]) => `${name} ${sha256(bytes)}`)
  return {
    template: read('index.html').toString(),
    files,
    hash: sha256(parts.join('\n')).slice(0, HASH_LENGTH),
  }
}

function read(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(name, FOLDER))
}
