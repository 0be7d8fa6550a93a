import { describe, expect, it } from 'vitest'
import { CONFIG_KEYS, configSchema, configSchemaFor } from '../../src/config/schema.js'

describe('configSchemaFor', () => {
  it('has the keys of the config, and accepts and refuses what the whole schema does', () => {
    const configs: readonly unknown[] = [
      {},
      { out: 'img', presets: { hero: { widths: [800], formats: ['webp'] } } },
      { out: 1, presets: { hero: { widths: [0] } } },
      { s3: { region: '' }, serve: { maxAge: -1 }, limits: { pixels: 1.5 } },
      { out: undefined },
      null,
      undefined,
      [],
      'out',
      7,
    ]
    for (const config of configs) {
      const [part, whole] = [configSchemaFor(config).safeParse(config), configSchema().safeParse(config)]
      expect(part.data).toEqual(whole.data)
      expect(part.error?.issues).toEqual(whole.error?.issues)
    }
    expect(Object.keys(configSchemaFor({ serve: {}, out: 'img' }).shape)).toEqual(['out', 'serve'])
  })

  it('is the whole schema for a config with an unknown key, so that the message can name all', () => {
    expect(Object.keys(configSchemaFor({ outt: 'img' }).shape)).toEqual(CONFIG_KEYS)
    // No key of the table, although it is a property of every object.
    expect(configSchemaFor({ constructor: 'img' }).safeParse({ constructor: 'img' }).success).toBe(false)
  })
})
