import type { TortureInput } from './input.js'
import { FAULTS, type Verdict } from './verdict.js'

/** Counts of verdicts by format and kind, and figures of all calls. */
export class Table {
  private readonly rows = new Map<string, Map<Verdict, number>>()
  private readonly codes = new Map<string, number>()
  private count = 0
  private slowest = { name: 'none', milliseconds: 0 }
  private peakBytes = 0

  add(
    { name, format, kind }: TortureInput,
    verdict: Verdict,
    call: { milliseconds: number; peakBytes: number; codes: readonly string[] },
  ): void {
    const key = `${format} ${kind === 'legal' ? 'legal' : 'damaged'}`
    const row = this.rows.get(key) ?? new Map<Verdict, number>()
    row.set(verdict, (row.get(verdict) ?? 0) + 1)
    this.rows.set(key, row)
    for (const code of call.codes) this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
    this.count++
    if (call.milliseconds > this.slowest.milliseconds)
      this.slowest = { name, milliseconds: call.milliseconds }
    this.peakBytes = Math.max(this.peakBytes, call.peakBytes)
  }

  /** Number of inputs whose verdict is a fault. */
  get faults(): number {
    return [...this.rows.values()]
      .flatMap((row) => [...row])
      .reduce((sum, [verdict, count]) => sum + (FAULTS.has(verdict) ? count : 0), 0)
  }

  /** Writes the table as Markdown. */
  toMarkdown(): string {
    const verdicts = [...new Set([...this.rows.values()].flatMap((row) => [...row.keys()]))].toSorted()
    const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
    const rows = [...this.rows].toSorted(([one], [other]) => (one < other ? -1 : 1))
    const total = verdicts.map((verdict) => rows.reduce((sum, [, row]) => sum + (row.get(verdict) ?? 0), 0))
    const codes = [...this.codes]
      .toSorted(([, one], [, other]) => other - one)
      .map(([code, count]) => `${code} ${count}`)
    return [
      line(['inputs', 'all', ...verdicts]),
      line(['---', '--:', ...verdicts.map(() => '--:')]),
      ...rows.map(([key, row]) =>
        line([
          key,
          [...row.values()].reduce((sum, count) => sum + count, 0),
          ...verdicts.map((verdict) => row.get(verdict) ?? 0),
        ]),
      ),
      line(['all', this.count, ...total]),
      '',
      `Errors: ${codes.join(', ')}.`,
      `Slowest: ${this.slowest.milliseconds} ms (${this.slowest.name}). Peak memory of a process: ${Math.round(this.peakBytes / 1e6)} MB.`,
    ].join('\n')
  }
}
