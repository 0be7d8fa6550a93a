import { describe, expect, it } from 'vitest'
import { continueTrace, formatTrace, toRequestId } from '../../../src/http/observe/trace.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'

describe('continueTrace', () => {
  it('keeps trace and flags of the caller, with a span of its own', () => {
    const trace = continueTrace(`00-${traceId}-${parent}-01`)
    expect(trace).toEqual({ traceId, spanId: expect.stringMatching(/^[\da-f]{16}$/), flags: '01' })
    expect(trace.spanId).not.toBe(parent)
    expect(formatTrace(trace)).toBe(`00-${traceId}-${trace.spanId}-01`)
  })

  it('accepts a later version with more fields', () => {
    expect(continueTrace(`01-${traceId}-${parent}-00-more`).traceId).toBe(traceId)
  })

  it.each([
    undefined,
    '',
    `ff-${traceId}-${parent}-01`,
    `00-${traceId}-${parent}-01-more`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parent}-01`,
    `00-${traceId}-${parent}`,
    `00-${traceId}-${parent}-01\r\nx: y`,
  ])('begins a trace instead of %j', (header) => {
    const trace = continueTrace(header)
    expect(formatTrace(trace)).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/)
    expect(trace.traceId).not.toBe(traceId)
  })
})

describe('toRequestId', () => {
  it.each(['42', '01JDF3Q4', 'a-b_c.d:e/f+g=@h', 'Root=1-67891233-abcdef012345678912345678'])(
    'keeps %s',
    (id) => {
      expect(toRequestId(id)).toBe(id)
    },
  )

  it.each([undefined, '', ' ', 'a b', 'a"b', '{}', 'é', 'a\nb', 'x'.repeat(129)])('replaces %j', (id) => {
    expect(toRequestId(id)).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/)
  })
})
