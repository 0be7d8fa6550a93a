import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createId } from '../../../src/http/records/id.js'
import type { ImageRecord, Records } from '../../../src/http/records/types.js'

/** Records in an empty place of their own. */
export interface RecordsSetup {
  readonly records: Records
  /** Opens the same place again, as another process would. */
  readonly reopen: () => Promise<Records>
  /** Ends the process of `records` as a kill does, and waits until another may take up its work. */
  readonly end: () => Promise<void>
  readonly cleanup: () => Promise<void>
}

const HOUR = 3_600_000

/** Creates a record of an upload that waits for its turn. */
export function makeRecord(more: Partial<ImageRecord> = {}): ImageRecord {
  return {
    id: createId(),
    filename: 'a.jpg',
    status: 'queued',
    createdAt: new Date().toISOString(),
    priority: 'normal',
    presets: ['thumb'],
    original: { format: 'jpeg', mime: 'image/jpeg', width: 4, height: 3, bytes: 9, hash: 'sha256:0' },
    outputs: [],
    ...more,
  }
}

/** Defines the tests that every implementation of `Records` must pass. */
export function describeRecords(name: string, setup: () => Promise<RecordsSetup>): void {
  describe(`records ${name}`, () => {
    let context: RecordsSetup
    let records: Records
    beforeEach(async () => {
      context = await setup()
      records = context.records
    })
    afterEach(() => context.cleanup())

    const fill = async (count: number, more: Partial<ImageRecord> = {}) => {
      const made = Array.from({ length: count }, () => makeRecord(more))
      for (const record of made) await records.create(record)
      return made.map(({ id }) => id)
    }
    const unfinished = async (from = records) => {
      const ids: string[] = []
      for await (const id of from.listUnfinished()) ids.push(id)
      return ids
    }
    const listAll = async (limit: number, owner?: string) => {
      const pages: string[][] = []
      let after: string | undefined
      do {
        const { records: page, next } = await records.list({ limit, owner, after })
        pages.push(page.map(({ id }) => id))
        after = next
      } while (after !== undefined)
      return pages
    }

    it('return what was created, also to another process', async () => {
      const record = makeRecord({ filename: '\u5199\u771F "1".jpg', owner: 'shop', outputs: [] })
      await records.create(record)
      expect(await records.get(record.id)).toEqual(record)
      expect(await (await context.reopen()).get(record.id)).toEqual(record)
    })

    it('return undefined for an unknown id, and change and remove nothing by it', async () => {
      const id = createId()
      expect(await records.get(id)).toBeUndefined()
      expect(await records.update(id, (record) => record)).toBeUndefined()
      expect(await records.remove(id)).toBeUndefined()
      expect(await records.get(id)).toBeUndefined()
      expect(await records.list({ limit: 10 })).toEqual({ records: [] })
    })

    it('apply changes of one record one after another, so that none is lost', async () => {
      const [id = ''] = await fill(1, { presets: [] })
      const names = Array.from({ length: 30 }, (_, index) => `preset-${index}`)
      await Promise.all(
        names.map((preset) =>
          records.update(id, (record) => ({ ...record, presets: [...record.presets, preset] })),
        ),
      )
      expect((await records.get(id))?.presets).toEqual(names)
    })

    it('show readers whole records while they are changed', async () => {
      const [id = ''] = await fill(1)
      const long = Array.from({ length: 2000 }, (_, index) => `a-long-name-of-a-preset-${index}`)
      const state = { isDone: false }
      const writes = (async () => {
        for (let round = 0; round < 20; round++) {
          await records.update(id, (record) => ({ ...record, presets: round % 2 === 0 ? long : ['short'] }))
        }
        state.isDone = true
      })()
      const lengths = new Set<number | undefined>()
      while (!state.isDone) {
        lengths.add((await records.get(id))?.presets.length)
        // A store may read within the turn of the event loop that its writes wait for.
        await setImmediate()
      }
      await writes
      expect([...lengths].filter((length) => length !== 1 && length !== 2000)).toEqual([])
    })

    it('keep the record if a change throws', async () => {
      const record = makeRecord()
      await records.create(record)
      const change = records.update(record.id, () => {
        throw new Error('no')
      })
      await expect(change).rejects.toThrow('no')
      expect(await records.get(record.id)).toEqual(record)
      expect(await records.update(record.id, (one) => ({ ...one, status: 'ready' }))).toMatchObject({
        status: 'ready',
      })
    })

    it('return the record that is removed, and do not bring it back by a late change', async () => {
      const record = makeRecord({ owner: 'shop', expiresAt: new Date(Date.now() - HOUR).toISOString() })
      await records.create(record)
      expect(await records.remove(record.id)).toEqual(record)
      expect(await records.update(record.id, (one) => ({ ...one, status: 'ready' }))).toBeUndefined()
      expect(await records.get(record.id)).toBeUndefined()
      expect(await listAll(5)).toEqual([[]])
      expect(await listAll(5, 'shop')).toEqual([[]])
      expect(await records.listExpired(new Date(), 10)).toEqual([])
    })

    it('are listed newest first, page by page', async () => {
      const ids = await fill(23)
      const pages = await listAll(5)
      expect(pages.map((page) => page.length)).toEqual([5, 5, 5, 5, 3])
      expect(pages.flat()).toEqual(ids.toReversed())
      expect(await listAll(23)).toEqual([ids.toReversed()])
    })

    it('are listed newest first over months', async () => {
      const past = ['018f0000-0000-7000-8000-000000000001', '0190ffff-ffff-7fff-bfff-ffffffffffff']
      const days = ['01910000-0000-7000-8000-000000000000', '01910001-0000-7000-8000-000000000000']
      for (const id of [...days, ...past]) await records.create(makeRecord({ id }))
      const [now = ''] = await fill(1)
      expect((await listAll(2)).flat()).toEqual([now, ...[...past, ...days].toReversed()])
    })

    it('go on with the next page although its first record was removed, and newer ones were added', async () => {
      const ids = await fill(6)
      const first = await records.list({ limit: 2 })
      await records.remove(first.next ?? '')
      await records.remove(ids[3] ?? '')
      await fill(2)
      const second = await records.list({ limit: 2, after: first.next })
      expect(second.records.map(({ id }) => id)).toEqual([ids[2], ids[1]])
    })

    it('are listed by owner without those of others', async () => {
      const own = await fill(5, { owner: 'a/b c' })
      await fill(4, { owner: 'other' })
      await fill(3)
      expect(await listAll(2, 'a/b c')).toEqual([[own[4], own[3]], [own[2], own[1]], [own[0]]])
      expect((await listAll(100)).flat()).toHaveLength(12)
      expect(await listAll(2, 'nobody')).toEqual([[]])
    })

    it('list those that have expired, the earliest first, and no others', async () => {
      const now = Date.now()
      const at = (hours: number) => new Date(now + hours * HOUR).toISOString()
      const [late] = await fill(1, { expiresAt: at(-1) })
      const [early] = await fill(1, { expiresAt: at(-5000) })
      await fill(1, { expiresAt: at(1) })
      await fill(1)
      expect(await records.listExpired(new Date(now), 10)).toEqual([early, late])
      expect(await records.listExpired(new Date(now), 1)).toEqual([early])
      expect(await (await context.reopen()).listExpired(new Date(now), 10)).toEqual([early, late])
    })

    it('expire at the time of the last change', async () => {
      const now = Date.now()
      const [id = ''] = await fill(1, { expiresAt: new Date(now - HOUR).toISOString() })
      await records.update(id, (one) => ({ ...one, expiresAt: new Date(now + HOUR).toISOString() }))
      expect(await records.listExpired(new Date(now), 10)).toEqual([])
      expect(await records.listExpired(new Date(now + 2 * HOUR), 10)).toEqual([id])
      await records.update(id, (one) => ({ ...one, expiresAt: new Date(now).toISOString() }))
      expect(await records.listExpired(new Date(now), 10)).toEqual([id])
    })

    it('keep notes of unfinished work, the oldest first, also for another process', async () => {
      const ids = [createId(), createId(), createId()]
      for (const id of ids.toReversed()) await records.begin(id)
      await records.begin(ids[1] ?? '')
      expect(await unfinished()).toEqual(ids)
      await records.finish(ids[1] ?? '')
      await records.finish(ids[1] ?? '')
      await context.end()
      expect(await unfinished(await context.reopen())).toEqual([ids[0], ids[2]])
    })
  })
}
