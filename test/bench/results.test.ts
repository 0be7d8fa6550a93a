import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bestPeer, compare, race, spreadOf, type Contender, type Series } from '../../bench/measure.js'
import { drawPlot } from '../../bench/plot.js'
import { writeTable, type Report } from '../../bench/table.js'

const OURS: Series = { name: 'imgproc', role: 'ours', seconds: [2, 4, 2], cpu: [3, 3, 3] }
const NEAR: Series = { name: 'near', role: 'peer', seconds: [3, 6, 4], cpu: [3, 3, 3] }
const FAR: Series = { name: 'far', role: 'peer', seconds: [20, 40, 20], cpu: [9, 9, 9] }
const LIMIT: Series = { name: 'limit <1/8>', role: 'limit', seconds: [1, 2, 1], cpu: [1, 1, 1] }

const REPORT: Report = {
  machine: {
    cores: 2,
    cpu: 'a chip',
    node: '20.0.0',
    imgproc: '1.0.0',
    peers: ['near 1', 'far 2'],
    pictures: 'generated images',
    rounds: 3,
  },
  outcomes: [
    {
      id: '1',
      title: 'much',
      images: 100,
      series: [OURS, NEAR, FAR, LIMIT],
      checks: [{ what: 'speed', wanted: 'at least 2', measured: '1.50', holds: false }],
      notes: ['other failed: why'],
    },
  ],
}

let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'imgproc-race-test-'))
  await writeFile(join(home, 'a.jpg'), '')
})

afterAll(() => rm(home, { recursive: true, force: true }))

describe('compare, spreadOf and bestPeer', () => {
  it('compare times within each round, so that a slow round affects both', () => {
    expect(compare(OURS, NEAR)).toStrictEqual({ min: 1.5, median: 1.5, max: 2 })
  })

  it('take the mean of the middle two as the median of an even number', () => {
    expect(spreadOf([4, 1, 2, 9])).toStrictEqual({ min: 1, median: 3, max: 9 })
  })

  it('choose as the best peer the one that imgproc is least ahead of, never a limit', () => {
    expect(bestPeer(REPORT.outcomes[0]!.series)).toBe(NEAR)
    expect(bestPeer([OURS, LIMIT])).toBeUndefined()
  })
})

describe('race', () => {
  const write = (name: string, script: string, role: Contender['role'] = 'peer'): Contender => ({
    name,
    role,
    commands: (_, out) => [{ file: process.execPath, args: ['-e', script, join(out, 'a.jpg')] }],
  })
  const good = 'fs.writeFileSync(process.argv[1], "")'
  const run = (contenders: readonly Contender[]) => {
    const set = { folder: home, files: [join(home, 'a.jpg')] }
    return race(contenders, { set, warmUp: set, rounds: 2, out: join(home, 'out') })
  }

  it('leaves out a peer that fails or makes too few files, and notes why', async () => {
    const lazy = write('lazy', '0')
    const broken = write('broken', 'console.error("no luck"); process.exit(3)')
    const { series, notes } = await run([write('good', good), lazy, broken])
    expect(series.map(({ name, seconds }) => [name, seconds.length])).toStrictEqual([['good', 2]])
    expect(notes).toStrictEqual([
      expect.stringContaining('lazy made 0 files, expected 1'),
      expect.stringMatching(/^broken failed: .*exited with 3: no luck$/),
    ])
  })

  it('measures the processor time of all processes', async () => {
    const busy = 'for (const end = Date.now() + 300; Date.now() < end; );'
    const { series } = await run([write('good', `${good}; ${busy}`), write('idle', good)])
    const [busySeries, idleSeries] = series
    for (const [round, cpu] of busySeries!.cpu.entries()) expect(cpu).toBeGreaterThan(idleSeries!.cpu[round]!)
  })

  it('throws if imgproc fails', async () => {
    await expect(run([write('ours', '0', 'ours')])).rejects.toThrow('ours made 0 files, expected 1')
  })

  it('leaves out a program that is not installed', async () => {
    const missing: Contender = {
      name: 'missing',
      role: 'peer',
      commands: () => [{ file: join(home, 'no such program'), args: [] }],
    }
    const { series, notes } = await run([write('good', good), missing])
    expect(series).toHaveLength(1)
    expect(notes).toStrictEqual([expect.stringContaining('No such file or directory')])
  })
})

describe('writeTable', () => {
  it('has a row for each contender with its ratio, and one for each requirement', () => {
    const cells = writeTable(REPORT).replaceAll(/ +/g, ' ')
    expect(cells).toContain('| 1 | imgproc | 50 | 2.000 (2.000 to 4.000) | 3.000 | |')
    expect(cells).toContain('| 1 | near | 25 | 4.000 (3.000 to 6.000) | 3.000 | 1.50 (1.50 to 2.00) |')
    expect(cells).toContain('| 1 | speed | at least 2 | 1.50 | NO |')
    expect(cells).toContain('1: much, 100 images\n other failed: why')
  })
})

describe('drawPlot', () => {
  it('draws equal reports equally, with bars in proportion to speed', () => {
    const svg = drawPlot(REPORT)
    expect(drawPlot(structuredClone(REPORT))).toBe(svg)
    const bars = [...svg.matchAll(/class="(\w+)" x="\d+" y="\d+" width="([\d.]+)"/g)]
    expect(bars.map(([, role]) => role)).toStrictEqual(['ours', 'peer', 'peer', 'limit'])
    const [ours, near] = bars.map(([, , width]) => Number(width))
    expect(ours! / near!).toBeCloseTo(2, 1)
    expect(svg).toContain('limit &lt;1/8>')
  })
})
