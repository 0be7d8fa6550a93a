import { spawn } from 'node:child_process'
import { access, chmod } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject } from '../../support/project.js'
import { BIN, imgproc } from '../command.js'

/** How to start each shell without the settings of a user. */
const SHELLS = [
  { shell: 'bash', start: 'bash --norc --noprofile -i', source: 'source <(imgproc completion bash)' },
  {
    shell: 'zsh',
    start: 'zsh -f -i',
    source: 'autoload -Uz compinit; compinit -u; source <(imgproc completion zsh)',
  },
  { shell: 'fish', start: 'fish --no-config -i', source: 'imgproc completion fish | source' },
] as const

/** Typed lines, and the words that the command gets after a tab. Several words that fit are completed to their common begin. */
const LINES = [
  ['thu', ['thumbs']],
  ['run --metad', ['run', '--metadata']],
  ['run -p mi', ['run', '-p', 'mine']],
  ['run --format we', ['run', '--format', 'webp']],
  ['run --formats avif,we', ['run', '--formats', 'avif,webp']],
  ['run --resize 800:fit=outs', ['run', '--resize', '800:fit=outside']],
  ['run --resize 800:fi', ['run', '--resize', '800:fit=']],
  ['list ops nothing', ['list', 'ops', 'nothing']],
  ['run lands', ['run', 'landscape.jpg']],
] as const

/** The command, for completion alone: otherwise it prints its words. */
const IMGPROC = `#!/bin/sh
case $1 in
  complet*) exec "${process.execPath}" "${BIN}" "$@" ;;
  *) printf 'got'; printf ' <%s>' "$@"; echo ;;
esac
`

const script = await find('script')

describe.each(SHELLS)('completion in $shell', async ({ shell, start, source }) => {
  const reason =
    script === undefined ? 'script (util-linux)' : (await find(shell)) === undefined ? shell : undefined

  it.skipIf(reason !== undefined)(
    `completes commands, flags, presets, values and files${reason === undefined ? '' : ` (skipped: no ${reason})`}`,
    async () => {
      const project = await makeProject()
      await project.copy('photos/landscape.jpg', 'landscape.jpg')
      await project.write('imgproc.config.json', '{ "presets": { "mine": { "ops": [{ "resize": 50 }] } } }')
      await project.write('bin/imgproc', IMGPROC)
      await chmod(project.at('bin/imgproc'), 0o755)
      const terminal = openTerminal(start, project.path)
      terminal.type(`${source}\r`)
      for (const [typed, words] of LINES) {
        terminal.type(`imgproc ${typed}\t\r`)
        const expected = `got${words.map((word) => ` <${word}>`).join('')}\n`
        await expect.poll(terminal.screen, { message: `${typed} in ${shell}` }).toContain(expected)
      }
    },
  )
})

describe('imgproc completion', () => {
  it('refuses a shell that it does not know', async () => {
    const { code, stderr } = await imgproc(await makeProject(), ['completion', 'tcsh'])
    expect(code).toBe(2)
    expect(stderr).toContain('Allowed choices are bash, zsh, fish')
  })
})

/** A shell that thinks that it runs in a terminal. */
function openTerminal(command: string, cwd: string) {
  const path = [join(cwd, 'bin'), process.env.PATH].join(delimiter)
  const env = { PATH: path, HOME: cwd, TERM: 'xterm', LANG: 'C.UTF-8', COLUMNS: '200', PS1: '$ ' }
  const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  return {
    type: (keys: string) => void child.stdin.write(keys),
    /** Returns everything that was shown, without the sequences that colour it and move the cursor. */
    screen: () =>
      text
        // oxlint-disable-next-line no-control-regex -- escape sequences begin with one
        .replaceAll(/\u001B(?:\[[\d;?]*[A-Za-z]|\][^\u0007]*\u0007|[()=>].?)/g, '')
        .replaceAll('\r', '\n'),
  }
}

/** Returns the path of a program; undefined if it is not installed. */
async function find(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}
