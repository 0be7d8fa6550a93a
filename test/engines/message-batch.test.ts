import { describe, expect, it } from 'vitest'
import { createMessageBatch } from '../../src/engines/message-batch.js'

function open(most?: number) {
  const sent: string[] = []
  const due: (() => void)[] = []
  const outbox = createMessageBatch<string>({
    send: (messages) => void sent.push(messages.join(' ')),
    later: (flush) => void due.push(flush),
    ...(most !== undefined && { most }),
  })
  return { ...outbox, sent, due }
}

describe('an outbox', () => {
  it('sends together what was posted until it is time', () => {
    const { post, sent, due } = open()
    for (const message of ['a', 'b', 'c']) post(message)
    expect(sent).toEqual([])
    expect(due).toHaveLength(1)
    due[0]?.()
    expect(sent).toEqual(['a b c'])
    post('d')
    due[1]?.()
    expect(sent).toEqual(['a b c', 'd'])
  })

  it('waits no longer when there are many', () => {
    const { post, sent } = open(2)
    for (const message of ['a', 'b', 'c', 'd', 'e']) post(message)
    expect(sent).toEqual(['a b', 'c d'])
  })

  it('sends at once when it is told to, in order, and nothing twice', () => {
    const { post, flush, sent, due } = open()
    post('a')
    post('b')
    flush()
    for (const send of due) send()
    flush()
    expect(sent).toEqual(['a b'])
  })
})
