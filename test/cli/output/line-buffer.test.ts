import { describe, expect, it, vi } from 'vitest'
import { createLineBuffer } from '../../../src/cli/output/line-buffer.js'

function createSink(): { readonly writes: string[]; write(text: string): void } {
  const writes: string[] = []
  return { writes, write: (text) => void writes.push(text) }
}

describe('a line buffer', () => {
  it('writes lines of the same moment together, in order', async () => {
    const sink = createSink()
    const buffer = createLineBuffer(sink)
    for (const line of ['a\n', 'b\n', 'c\n']) buffer.write(line)
    expect(sink.writes).toEqual([])
    await vi.waitFor(() => expect(sink.writes).toEqual(['a\nb\nc\n']))
    buffer.write('d\n')
    await vi.waitFor(() => expect(sink.writes).toEqual(['a\nb\nc\n', 'd\n']))
  })

  it('does not collect more than 64 KiB', () => {
    const sink = createSink()
    const buffer = createLineBuffer(sink)
    for (let index = 0; index < 70; index++) buffer.write(`${'x'.repeat(1023)}\n`)
    expect(sink.writes).toHaveLength(1)
    expect(sink.writes[0]).toHaveLength(64 * 1024)
  })

  it('writes the rest when the process exits', () => {
    const sink = createSink()
    const before = process.listeners('exit')
    const buffer = createLineBuffer(sink)
    const flush = process.listeners('exit').find((each) => !before.includes(each))
    buffer.write('last\n')
    flush?.(0)
    expect(sink.writes).toEqual(['last\n'])
  })
})
