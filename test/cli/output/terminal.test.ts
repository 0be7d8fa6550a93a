import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rm } from 'node:fs/promises'
import { describeFacts } from '../../../src/cli/output/progress-bar.js'
import { columnsOf } from '../../../src/cli/output/text-columns.js'
import { openProject, type Project } from '../../support/project.js'
import { BIN, imgproc, shell } from '../command.js'

// script of util-linux runs the command in a pseudo-terminal.
const hasScript = process.platform === 'linux' && has('script')
const CHINESE = `${'湖光山色'.repeat(9)}.jpg`
const LONG = `${'a-long-name-'.repeat(16)}abcd.jpg`
const COLOUR = /\u001B\[\d+m/ // oxlint-disable-line no-control-regex -- what it looks for

let project: Project

beforeAll(async () => {
  project = await openProject()
  await project.copy(
    'photos/orientation/Landscape_1.jpg',
    `photos/${CHINESE}`,
    `photos/${LONG}`,
    'photos/a.jpg',
  )
  await project.copy('broken/empty.jpg', 'photos/empty.jpg')
  await imgproc(project, ['thumbs', 'photos/a.jpg', '-o', 'made'])
})
afterAll(() => rm(project.path, { recursive: true, force: true }))

describe.runIf(hasScript)('a terminal', () => {
  it.each([
    [
      80,
      `new  photos/a-long-nam…long-name-abcd.jpg → a-long-name-a-lon…ame-abcd.thumb.jpg
new  photos/a.jpg                         → a.thumb.jpg
new  photos/empty.jpg                     → empty.thumb.{ext}
new  photos/湖光山色湖…光山色湖光山色.jpg → 湖光山色湖光山色…湖光山色.thumb.jpg
`,
    ],
    [
      200,
      `new  photos/a-long-name-a-long-name-a-long-name-a-lo…ame-a-long-name-a-long-name-a-long-name-abcd.jpg → a-long-name-a-long-name-a-long-name-a-long-name…long-name-a-long-name-a-long-name-abcd.thumb.jpg
new  photos/a.jpg                                                                                     → a.thumb.jpg
new  photos/empty.jpg                                                                                 → empty.thumb.{ext}
new  photos/湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色.jpg              → 湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色湖光山色.thumb.jpg
`,
    ],
  ])('%i columns wide shows what a run would make as a table', async (columns, table) => {
    const printed = await onTerminal('thumbs photos --dry-run', columns, { NO_COLOR: '1' })
    expect(printed).toBe(`${table}4 to write, 0 unchanged, from 4 images; nothing was written\n`)
    for (const line of table.trimEnd().split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
  })

  it.each([80, 200])('%i columns wide shows facts about images as a table that fits', async (columns) => {
    const printed = await onTerminal('inspect photos', columns, { NO_COLOR: '1' })
    const rows = printed.split('\n').filter((line) => !line.startsWith('failed'))
    expect(rows).toHaveLength(5)
    for (const line of rows) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
  })

  it.each([
    ['has colours', '', {}, true],
    ['has none with NO_COLOR', '', { NO_COLOR: '1' }, false],
    ['has colours with an empty NO_COLOR', '', { NO_COLOR: '' }, true],
    ['has none with --no-color', '--no-color', {}, false],
    ['has none with --no-color despite FORCE_COLOR', '--no-color', { FORCE_COLOR: '1' }, false],
    ['has none with FORCE_COLOR=0', '', { FORCE_COLOR: '0' }, false],
    ['has colours with FORCE_COLOR despite NO_COLOR', '', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['has none if it is dumb', '', { TERM: 'dumb' }, false],
  ])('%s', async (_, flag, env, isColoured) => {
    const lines = [
      'thumbs photos/empty.jpg photos/a.jpg --force --no-progress -o colours',
      'check made photos/a.jpg -p avatar',
      'thumbs nothing',
      'thumbs --nothing',
      'inspect photos',
      'doctor',
    ]
    for (const line of lines) {
      const printed = await onTerminal(`${flag} ${line}`, 80, env)
      expect([line, COLOUR.test(printed)]).toEqual([line, isColoured])
    }
  })

  it('has no bar if it cannot overwrite a line', async () => {
    const printed = await onTerminal('thumbs photos --force -o bar', 80, { TERM: 'dumb' })
    expect(printed).toMatch(/^3 written, 1 failed from 4 images, /m)
    expect(printed).not.toContain('\u001B')
    expect(await onTerminal('thumbs photos --force -o bar', 80, {})).toContain('░')
  })
})

describe('a pipe', () => {
  it.each([
    ['has no colours', [], {}, false],
    ['has colours with FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['has none with FORCE_COLOR and --no-color', ['--no-color'], { FORCE_COLOR: '1' }, false],
    ['has none with an empty FORCE_COLOR', [], { FORCE_COLOR: '' }, false],
  ])('%s', async (_, flags, env, isColoured) => {
    for (const args of [['thumbs', 'photos', '--dry-run'], ['inspect', 'photos'], ['doctor']]) {
      const { stdout } = await imgproc(project, [...flags, ...args], { env })
      expect([args, COLOUR.test(stdout)]).toEqual([args, isColoured])
    }
    const { stderr } = await imgproc(project, [...flags, 'thumbs', 'nothing'], { env })
    expect(COLOUR.test(stderr)).toBe(isColoured)
  })

  it('has whole names in a dry run', async () => {
    const { stdout } = await imgproc(project, ['thumbs', 'photos', '--dry-run'])
    expect(stdout).toContain(`new  photos/${LONG} → ${LONG.replace('.jpg', '.thumb.jpg')}\n`)
    expect(stdout).toContain(`new  photos/${CHINESE} → ${CHINESE.replace('.jpg', '.thumb.jpg')}\n`)
  })

  it('gets no control characters of names', async () => {
    const name = 'evil/a\u001B]0;title\u0007\u001B[2Jb\n.jpg'
    await project.copy('broken/empty.jpg', name)
    for (const args of [
      ['thumbs', 'evil/*', '--no-manifest'],
      ['thumbs', name, '-v', '--no-manifest'],
      ['thumbs', 'evil/*', '--dry-run'],
      ['inspect', name],
      ['thumbs', `${name}2`],
    ]) {
      const { stdout, stderr } = await imgproc(project, args)
      expect(stdout + stderr).toContain('title')
      // oxlint-disable-next-line no-control-regex -- what it looks for
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F]|\nb/)
    }
  })
})

describe('facts behind the bar', () => {
  const count = { done: 3, total: 12, images: 1, allImages: 4, failed: 1 }

  it.each(['photos/a.jpg', LONG, CHINESE, undefined])('fit the room that there is: %s', (current) => {
    for (const room of [0, 20, 45, 60, 160]) {
      const facts = describeFacts({ ...count, current }, 12, room)
      expect(facts).toMatch(/^ {2}12 s {2}12\.0 s\/img {2}ETA 36 s {2}1 failed/)
      // The times alone take 40 columns.
      expect(columnsOf(facts)).toBeLessThanOrEqual(Math.max(room, 45))
      expect(facts.endsWith('.jpg')).toBe(room >= 60 && current !== undefined)
    }
  })
})

/** Runs a command line in a pseudo-terminal of a width, and returns what it shows. */
async function onTerminal(line: string, columns: number, env: Record<string, string>): Promise<string> {
  const command = `stty cols ${columns}; "${process.execPath}" "${BIN}" ${line}`
  const { stdout } = await shell(project, `script -qec '${command}' /dev/null`, {
    env: { TERM: 'xterm', ...env },
  })
  return stdout.replaceAll('\r\n', '\n')
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
