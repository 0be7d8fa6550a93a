import { hexOf, idOfHex } from './id.js'
import { timeFolders } from './time-folders.js'

/** Refs of records and of the notes about them. */
export interface RecordRefs {
  /** Folder of records: all of them, or one owner's notes of its own. */
  readonly list: (owner: string | undefined) => string
  readonly record: (id: string) => string
  readonly owned: (owner: string, id: string) => string
  readonly expiringFolder: string
  readonly expiring: (time: number, id: string) => string
  readonly unfinishedFolder: string
  readonly unfinished: (id: string) => string
}

/**
 * Creates the refs of records below a folder. Stores list refs in ascending order, and the newest record comes first: its
 * name is its id with each hex digit subtracted from 15.
 */
export function createRecordRefs(root: string): RecordRefs {
  const list = (owner: string | undefined) =>
    owner === undefined ? `${root}/records` : `${root}/owners/${encodeURIComponent(owner)}`
  const newestFirst = (folder: string, id: string) => {
    const name = invert(hexOf(id))
    return `${folder}/${timeFolders(name)}/${name}.json`
  }
  const expiringFolder = `${root}/expiring`
  const unfinishedFolder = `${root}/unfinished`
  return {
    list,
    record: (id) => newestFirst(list(undefined), id),
    owned: (owner, id) => newestFirst(list(owner), id),
    expiringFolder,
    expiring: (time, id) => {
      const name = time.toString(16).padStart(12, '0')
      return `${expiringFolder}/${timeFolders(name)}/${name}-${hexOf(id)}.json`
    },
    unfinishedFolder,
    unfinished: (id) => `${unfinishedFolder}/${id}.json`,
  }
}

/** Returns the id that a ref of `record` or `owned` names. */
export function idOfRecordRef(ref: string): string {
  return idOfHex(invert(nameOf(ref)))
}

/** Returns the time and the id that a ref of `expiring` names. */
export function parseExpiringRef(ref: string): { readonly time: number; readonly id: string } {
  const [time = '', hex = ''] = nameOf(ref).split('-')
  return { time: Number.parseInt(time, 16), id: idOfHex(hex) }
}

/** Returns the id that a ref of `unfinished` names. */
export function idOfUnfinishedRef(ref: string): string {
  return nameOf(ref)
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1).replace(/\.json$/, '')
}

function invert(hex: string): string {
  return hex.replaceAll(/[\da-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16))
}
