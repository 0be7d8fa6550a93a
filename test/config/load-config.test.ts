import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_FILES } from '../../src/config/find-config.js'
import { loadConfig } from '../../src/config/load-config.js'
import { ImgprocError } from '../../src/errors.js'
import { makeFolder } from './folder.js'

const yaml = 'out: img\n'
const json = '{ "out": "img" }'
const esm = `export default { out: 'img' }`
const cjs = `module.exports = { out: 'img' }`

const contents: Record<string, string> = {
  'imgproc.config.js': esm,
  'imgproc.config.mjs': `import { sep } from 'node:path'\nexport default { out: sep && 'img' }`,
  'imgproc.config.cjs': cjs,
  'imgproc.config.ts': `import type { Nothing } from 'nowhere'\nconst out: string = 'img'\nexport default { out } satisfies object`,
  'imgproc.config.mts': `const out: string = 'img'\nexport default { out }`,
  'imgproc.config.cts': `const out: string = 'img'\nmodule.exports = { out }`,
  'imgproc.config.json': json,
  'imgproc.config.yaml': yaml,
  'imgproc.config.yml': yaml,
  '.imgprocrc': yaml,
  '.imgprocrc.json': json,
  '.imgprocrc.yaml': yaml,
  '.imgprocrc.yml': yaml,
  'package.json': '{ "name": "site", "imgproc": { "out": "img" } }',
}

/** Returns the message of the INVALID_CONFIG error for a folder's config. */
async function refusal(cwd: string, file?: string): Promise<string> {
  const error: unknown = await loadConfig({ cwd, file }).catch((thrown: unknown) => thrown)
  if (!(error instanceof ImgprocError)) throw new Error('loadConfig accepted it', { cause: error })
  expect(error).toMatchObject({ code: 'INVALID_CONFIG', stage: 'config' })
  return error.message.replaceAll(cwd, '<cwd>')
}

describe('loadConfig', () => {
  it.each(CONFIG_FILES)('finds and reads %s', async (name) => {
    const root = await makeFolder({ [name]: contents[name]! })
    expect(await loadConfig({ cwd: root })).toEqual({ config: { out: 'img' }, file: join(root, name), root })
  })

  it('reads module syntax in a .js file of a CommonJS package, and module.exports in another', async () => {
    const pkg = '{ "type": "commonjs" }'
    const first = await makeFolder({ 'package.json': pkg, 'imgproc.config.js': esm })
    const second = await makeFolder({ 'package.json': pkg, 'imgproc.config.js': cjs })
    await expect(loadConfig({ cwd: second })).resolves.toMatchObject({ config: { out: 'img' } })
    await expect(loadConfig({ cwd: first })).resolves.toMatchObject({ config: { out: 'img' } })
  })

  it('reads the default export of CommonJS compiled from ESM', async () => {
    const compiled = `Object.defineProperty(exports, '__esModule', { value: true })\nexports.default = { out: 'img' }`
    const cwd = await makeFolder({ 'imgproc.config.cjs': compiled })
    expect((await loadConfig({ cwd })).config).toEqual({ out: 'img' })
  })

  it('allows a TypeScript config to import other files', async () => {
    const cwd = await makeFolder({
      'imgproc.config.ts': `import { widths } from './widths.js'\nexport default { presets: { a: { widths } } }`,
      'widths.ts': `export const widths: number[] = [320, 640]`,
    })
    expect((await loadConfig({ cwd })).config.presets).toEqual({ a: { widths: [320, 640] } })
  })

  it.each(CONFIG_FILES)('reads %s again after a change', async (name) => {
    const cwd = await makeFolder()
    for (const out of ['first', 'second', 'third']) {
      await writeFile(join(cwd, name), contents[name]!.replace(/\bimg\b/, out))
      const { config } = await loadConfig({ cwd })
      expect(config).toEqual({ out })
    }
  })

  it('returns an empty config if no file is found', async () => {
    const cwd = await makeFolder()
    expect(await loadConfig({ cwd })).toEqual({ config: {}, root: cwd })
  })

  it('searches upward, past a package.json without the key, to the nearest file', async () => {
    const top = await makeFolder({
      '.imgprocrc.yaml': 'out: top',
      'site/imgproc.config.json': '{ "out": "site" }',
      'site/app/package.json':
        '{ "name": "app", "scripts": { "imgproc": "imgproc thumbs" }, "dependencies": { "imgproc": "*" } }',
    })
    await mkdir(join(top, 'site/app/photos'))
    const { config, root } = await loadConfig({ cwd: join(top, 'site/app/photos') })
    expect(config.out).toBe('site')
    expect(root).toBe(join(top, 'site'))
    expect((await loadConfig({ cwd: top })).config.out).toBe('top')
  })

  it('reads the named file, relative to the working directory, and no other', async () => {
    const cwd = await makeFolder({ '.imgprocrc': yaml, 'configs/big.yaml': 'out: big' })
    expect(await loadConfig({ cwd, file: 'configs/big.yaml' })).toEqual({
      config: { out: 'big' },
      file: join(cwd, 'configs/big.yaml'),
      root: join(cwd, 'configs'),
    })
  })

  it.each(['', '# nothing yet\n', '~'])(
    'accepts %j as an empty config and ends the search',
    async (content) => {
      const cwd = await makeFolder({ '.imgprocrc.yaml': 'out: no', 'below/.imgprocrc.yaml': content })
      const { config, root } = await loadConfig({ cwd: join(cwd, 'below') })
      expect(config).toEqual({})
      expect(root).toBe(join(cwd, 'below'))
    },
  )

  it('reads JSON with a byte order mark', async () => {
    const cwd = await makeFolder({ 'imgproc.config.json': `\uFEFF${json}` })
    expect((await loadConfig({ cwd })).config).toEqual({ out: 'img' })
  })

  it.each(['imgproc.config.json', '.imgprocrc.json'])(
    'reads comments and trailing commas in %s',
    async (name) => {
      const content =
        '// a config\n{\n  "out": "img//a", /* not "b" */\n  "ignore": ["a,]", "/* b */",],\n}\n'
      const cwd = await makeFolder({ [name]: content })
      expect((await loadConfig({ cwd })).config).toEqual({ out: 'img//a', ignore: ['a,]', '/* b */'] })
    },
  )

  it('reads shorthands in YAML block and flow', async () => {
    const cwd = await makeFolder({
      '.imgprocrc.yaml': `
presets:
  flow:
    ops: [{ thumbnail: 100x100 }, { rotate: 90 }, { resize: 50% }, { flatten: fff }, { format: webp:quality=80 }]
    formats: [{ type: avif, quality: 50 }, webp, jpeg:quality=70]
  block:
    ops:
      - thumbnail: 100x100
      - rotate: 90
      - resize: 50%
      - flatten: fff
      - format: webp:quality=80
    formats:
      - type: avif
        quality: 50
      - webp
      - jpeg:quality=70
`,
    })
    const { flow, block } = (await loadConfig({ cwd })).config.presets ?? {}
    expect(flow).toEqual(block)
    expect(flow).toEqual({
      ops: [
        { thumbnail: '100x100' },
        { rotate: 90 },
        { resize: '50%' },
        { flatten: 'fff' },
        { format: 'webp:quality=80' },
      ],
      formats: [{ type: 'avif', quality: 50 }, 'webp', 'jpeg:quality=70'],
    })
  })
})

describe('loadConfig, for an invalid file', () => {
  it.each([
    ['missing.yaml', 'missing.yaml: no such file'],
    ['folder', 'folder: is a folder; name the config file inside'],
    [
      'config.toml',
      'config.toml: unknown extension; expected one of .js, .mjs, .cjs, .ts, .mts, .cts, .json, .yaml, .yml',
    ],
    ['package.json', 'package.json has no key "imgproc"'],
  ])('rejects the named file %s', async (file, message) => {
    const cwd = await makeFolder({
      'folder/a': '',
      'config.toml': 'a = 1',
      'package.json': '{ "name": "a" }',
    })
    expect(await refusal(cwd, file)).toBe(message)
  })

  it.each([
    [
      '.imgprocrc.yaml',
      'out: a\npresets:\n  a: [1\nb: 2\n',
      'line 4: not valid YAML: missed comma between flow collection entries',
    ],
    ['imgproc.config.yaml', 'out: a\nout: b\n', 'line 2: not valid YAML: duplicated mapping key'],
    [
      'imgproc.config.mjs',
      'export default {\n  out: 1\n  base: 2\n}',
      'line 3: not valid JavaScript: Unexpected token, expected ","',
    ],
    [
      'imgproc.config.js',
      'module.exports = {\n  out: 1\n  base: 2\n}',
      'line 3: not valid JavaScript: Unexpected token, expected ","',
    ],
    [
      'imgproc.config.ts',
      'const a: number = 1\nexport default {\n  out 1\n}',
      'line 3: not valid TypeScript: Unexpected token, expected ","',
    ],
  ])('reports the line of a syntax error in %s', async (name, content, message) => {
    expect(await refusal(await makeFolder({ [name]: content }))).toBe(`${name}, ${message}`)
  })

  // The rest of the message is from the JavaScript engine.
  it.each([
    ['.imgprocrc.json', '{\n  "out": "a"\n  "base": 1\n}', 3],
    ['imgproc.config.json', '{\n  /* two\n  lines */\n  "out": // a comment\n}', 5],
    ['imgproc.config.json', '{\n  "out":\n\n', 2],
    ['package.json', '{\n  // a comment\n  "imgproc": {}\n}', 2],
    ['package.json', '{\n  "imgproc" 1\n}', 2],
  ])('reports the line of a JSON syntax error in %s', async (name, content, line) => {
    const message = await refusal(await makeFolder({ [name]: content }))
    expect(message).toMatch(new RegExp(`^${name}, line ${line}: not valid JSON: \\w`))
    expect(message).not.toContain('position')
  })

  const missing = "Cannot find module 'missing-package'; is the package installed in this project?"
  it.each([
    ['imgproc.config.mjs', 'const a = 1\n\nthrow new Error("no such site")', 'line 3', 'no such site'],
    ['imgproc.config.ts', 'const a: number = 1\nthrow new Error("no such site")', 'line 2', 'no such site'],
    ['imgproc.config.mjs', 'import a from "missing-package"\nexport default { out: a }', 'line 1', missing],
    ['imgproc.config.ts', 'import a from "missing-package"\nexport default { out: a }', 'line 1', missing],
    [
      'imgproc.config.cjs',
      'require("node:fs").readFileSync("missing.txt")',
      'line 1',
      "ENOENT: no such file or directory, open 'missing.txt'",
    ],
  ])('reports the line where %s fails', async (name, content, line, reason) => {
    const cwd = await makeFolder({ [name]: content })
    expect(await refusal(cwd)).toBe(`${name}, ${line}: failed to run: ${reason}`)
  })

  it.each([
    ['imgproc.config.mjs', 'export const out = "img"', 'has no default export; write "export default { … }"'],
    ['imgproc.config.ts', 'export const out = "img"', 'has no default export; write "export default { … }"'],
    ['imgproc.config.mjs', 'export default () => ({})', 'exports a function; export the object it returns'],
    [
      'imgproc.config.ts',
      'export default async () => ({})',
      'exports a function; export the object it returns',
    ],
    ['imgproc.config.cjs', 'module.exports = () => ({})', 'exports a function; export the object it returns'],
    ['imgproc.config.mjs', 'export default "img"', 'expected an object, got "img"'],
  ])('rejects the exports of %s: %s', async (name, content, reason) => {
    expect(await refusal(await makeFolder({ [name]: content }))).toBe(`${name}: ${reason}`)
  })

  it('names an imported file with a syntax error', async () => {
    const cwd = await makeFolder({
      'imgproc.config.ts': `import { widths } from './widths.js'\nexport default { presets: { a: { widths } } }`,
      'widths.ts': `export const widths = [320\n  640]`,
    })
    expect(await refusal(cwd)).toMatchInlineSnapshot(
      `"imgproc.config.ts: not valid TypeScript: Unexpected token, expected "," (<cwd>/widths.ts:2:2)"`,
    )
  })

  it('does not follow the $import of cosmiconfig', async () => {
    const cwd = await makeFolder({ '.imgprocrc.yaml': '$import: other.yaml\nout: img' })
    expect(await refusal(cwd)).toContain('unknown key "$import"')
  })

  it('names a file above the working directory by its absolute path', async () => {
    const cwd = await makeFolder({ '.imgprocrc.yaml': 'out: 1', 'below/a.txt': '' })
    const error: unknown = await loadConfig({ cwd: join(cwd, 'below') }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ path: join(cwd, '.imgprocrc.yaml') })
    expect(String(error)).toContain(
      `${join(cwd, '.imgprocrc.yaml')}: out: expected a non-empty string, got 1`,
    )
  })
})
