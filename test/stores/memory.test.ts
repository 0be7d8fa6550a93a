import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/stores/memory.js'
import { describeKeyedStore, refs } from './contract.js'

describeKeyedStore('memory', async () => {
  const store = createMemoryStore()
  return {
    store,
    ref: (name) => `memory://bucket/${name}`,
    pattern: (glob) => `memory://bucket/${glob}`,
    cleanup: async () => {},
  }
})

describe('the memory store', () => {
  it('contains its initial entries', async () => {
    const store = createMemoryStore({ 'a.jpg': Buffer.from('a'), 'sub/b.jpg': Buffer.from('b') })
    expect(await refs(store, 'memory://')).toEqual(['memory://a.jpg', 'memory://sub/b.jpg'])
    expect(await refs(store, 'memory://*.jpg')).toEqual(['memory://a.jpg'])
    expect(await store.locate('memory://a.jpg')).toEqual({
      kind: 'file',
      ref: 'memory://a.jpg',
      base: 'memory://',
    })
  })

  it('copies bytes on write and on read', async () => {
    const data = Buffer.from('abc')
    const store = createMemoryStore({ a: data })
    data.fill(0)
    const read = await store.read('memory://a')
    expect(Buffer.from(read).toString()).toBe('abc')
    read.fill(0)
    expect(Buffer.from(await store.read('memory://a')).toString()).toBe('abc')
  })
})
