import { describe, expect, it } from 'vitest'
import { createMessageBatch } from '../../src/engines/message-batch.js'

function open(maxMessages?: number) {
  const sent: string[] = []
  const due: (() => void)[] = []
  const batch = createMessageBatch<string>({
    send: (messages) => void sent.push(messages.join(' ')),
    schedule: (flush) => void due.push(flush),
    ...(maxMessages !== undefined && { maxMessages }),
  })
  return { ...batch, sent, due }
}

describe('message batch', () => {
  it('sends pending messages together when they are due', () => {
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

  it('sends at once when the batch is full', () => {
    const { post, sent } = open(2)
    for (const message of ['a', 'b', 'c', 'd', 'e']) post(message)
    expect(sent).toEqual(['a b', 'c d'])
  })

  it('sends at once on flush, in order and nothing twice', () => {
    const { post, flush, sent, due } = open()
    post('a')
    post('b')
    flush()
    for (const send of due) send()
    flush()
    expect(sent).toEqual(['a b'])
  })
})
