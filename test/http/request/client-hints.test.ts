import { describe, expect, it } from 'vitest'
import { readClientHints } from '../../../src/http/request/client-hints.js'

describe('readClientHints', () => {
  it('rounds hints up, so that few pictures are made', () => {
    const headers = new Headers({
      'sec-ch-dpr': '1.75',
      'sec-ch-width': '401',
      'sec-ch-viewport-width': '1280',
    })
    expect(readClientHints(headers)).toEqual({ dpr: 2, width: 448, viewportWidth: 1280 })
  })

  it.each(['-1', '0', 'wide', '', 'Infinity', 'NaN'])('ignores the hint %s', (value) => {
    const headers = new Headers({ 'sec-ch-dpr': value, 'sec-ch-width': value })
    expect(readClientHints(headers)).toEqual({ dpr: undefined, width: undefined, viewportWidth: undefined })
  })

  it('bounds hints', () => {
    const headers = new Headers({ 'sec-ch-dpr': '1000', 'sec-ch-width': '1e9' })
    expect(readClientHints(headers)).toMatchObject({ dpr: 4, width: 8192 })
    expect(readClientHints(new Headers({ 'sec-ch-dpr': '0.1' }))).toMatchObject({ dpr: 1 })
  })
})
