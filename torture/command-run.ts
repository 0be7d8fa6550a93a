import { spawn } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../bin/imgproc.cjs', import.meta.url))
const SECONDS = 300

/** A line that the command itself prints: a failed file, a summary, or advice. */
const OWN_LINE = /^(?:failed |error |manifest |next: |help: |and \d|all \d|\s|\d+ written|$)/

/**
 * Runs the command over a folder of inputs, and returns faults: a wrong exit code, a manifest without one of the inputs,
 * a file that is neither output nor manifest, native words on stderr.
 */
export async function faultsOfCommand(
  inputs: string,
  count: number,
  folder: string,
): Promise<readonly string[]> {
  const out = join(folder, 'command')
  const temp = join(folder, 'temp')
  const faults: string[] = []
  const args = [
    'run',
    inputs,
    '--thumbnail',
    '20',
    '--format',
    'webp',
    '--path',
    '{name}-{srcext}.{ext}',
    '-o',
    out,
  ]
  const { code, stderr } = await runCommand(
    [...args, '--no-progress', '--no-color', '--limit-pixels', '20000000'],
    temp,
  )
  if (code !== 0 && code !== 1) faults.push(`the command ended with ${code}`)
  const lines = stderr.split('\n')
  const native = lines.findIndex((line) => !OWN_LINE.test(line))
  if (native >= 0)
    faults.push(`the command printed: ${lines.slice(Math.max(0, native - 1), native + 1).join(' / ')}`)
  const text = await readFile(join(out, 'manifest.json'), 'utf8').catch(() => undefined)
  if (text === undefined)
    return [...faults, `the command wrote no manifest: ${stderr.trim().split('\n').at(-1)}`]
  const manifest = JSON.parse(text) as ManifestPart
  if (manifest.entries.length !== count)
    faults.push(`the manifest has ${manifest.entries.length} of ${count} inputs`)
  const written = new Set(manifest.entries.flatMap(({ outputs = [] }) => outputs.map(({ path }) => path)))
  const files = (await readdir(out)).filter((name) => name !== 'manifest.json' && name !== '.imgproc')
  faults.push(...files.filter((name) => !written.has(name)).map((name) => `left over: ${name}`))
  faults.push(...(await readdir(temp)).map((name) => `left over in the temp folder: ${name}`))
  await rm(out, { recursive: true, force: true })
  return faults
}

interface ManifestPart {
  readonly entries: readonly { readonly outputs?: readonly { readonly path: string }[] }[]
}

async function runCommand(
  args: readonly string[],
  temp: string,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: temp },
    timeout: SECONDS * 1000,
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stderr }))
  })
}
