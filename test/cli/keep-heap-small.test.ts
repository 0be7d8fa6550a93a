import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Makes many objects after a thread has started, and prints the bytes of the space for new ones. */
function measure(setUp: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'imgproc-heap-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'script.ts')
  writeFileSync(
    script,
    `import { once } from 'node:events'
     import { getHeapSpaceStatistics } from 'node:v8'
     import { Worker } from 'node:worker_threads'
     import { keepHeapSmall } from ${JSON.stringify(join(ROOT, 'src/cli/keep-heap-small.ts'))}
     ${setUp}
     await once(new Worker('', { eval: true, execArgv: [] }), 'exit')
     let kept = []
     for (let i = 0; i < 3e6; i++) {
       kept.push({ i })
       if (kept.length > 20_000) kept = []
     }
     console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size)`,
  )
  return Number(
    execFileSync(process.execPath, [join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs'), script], {
      encoding: 'utf8',
    }),
  )
}

it('keepHeapSmall keeps the space for new objects from growing, also after a thread has started', () => {
  expect(measure('keepHeapSmall()')).toBeLessThan(measure(''))
})
