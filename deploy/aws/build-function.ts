// Makes build/function: the handler, and imgproc with the sharp of Lambda's platform, whatever this machine is.
//
//   npm run build [-- x64 [imgproc@1.2.3]]    (default: arm64, and the package of this repository)
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { FOLDER } from './lib/folder.js'

const REPOSITORY = `${FOLDER}../../`
const OUT = `${FOLDER}build/function`
const [architecture = 'arm64', given] = process.argv.slice(2)
if (!['arm64', 'x64'].includes(architecture)) throw new Error(`Expected arm64 or x64, got ${architecture}.`)

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
writeFileSync(`${OUT}/package.json`, JSON.stringify({ private: true, type: 'module' }))
const platform = ['--os=linux', `--cpu=${architecture}`, '--libc=glibc']
const quiet = ['--omit=dev', '--no-audit', '--no-fund', '--no-package-lock']
npm('install', ...platform, ...quiet, given ?? pack())
cpSync(`${FOLDER}function`, OUT, { recursive: true })
rmSync(`${FOLDER}build/packed`, { recursive: true, force: true })

/** Packs this repository, as `npm publish` would. Returns the path of the archive. */
function pack(): string {
  if (!existsSync(`${REPOSITORY}dist/bundle/lambda.js`))
    throw new Error('This repository is not built: run npm ci in its root first.')
  const folder = `${FOLDER}build/packed`
  mkdirSync(folder, { recursive: true })
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const printed = execFileSync('npm', args, { cwd: REPOSITORY, encoding: 'utf8' })
  const [{ filename }] = JSON.parse(printed) as [{ filename: string }]
  return `${folder}/${filename}`
}

function npm(...args: readonly string[]): void {
  execFileSync('npm', args, { cwd: OUT, stdio: 'inherit' })
}
