import { writeFile } from 'node:fs/promises'
import { EVERYBODY, ROOMS, type Room } from './rooms.js'

const FILE = new URL('../.oxlint-rooms.json', import.meta.url)

/** Packages that only the command may use. */
const TERMINAL = ['node:process', 'process', 'commander', 'cli-progress']

/** How deep folders may lie in a room. */
const DEPTHS = [1, 2]

/** Writes the lint rules that keep imports to the table of rooms. */
export async function writeRoomRules(): Promise<void> {
  const overrides = ROOMS.flatMap((room) => rulesOf(room))
  await writeFile(FILE, `${JSON.stringify({ overrides }, null, 2)}\n`)
}

function rulesOf(room: Room) {
  if (room.name.endsWith('.ts')) return [rule(room, `src/${room.name}`, './')]
  return DEPTHS.map((depth) => {
    const files = `src/${room.name}/${'*/'.repeat(depth - 1)}*.ts`
    return rule(room, files, '../'.repeat(depth))
  })
}

/** @param up the way from a file of the room to src/, as an import writes it. */
function rule({ name, mayImport }: Room, files: string, up: string) {
  const isLow = EVERYBODY.includes(name)
  const allowed = [...new Set([...(isLow ? [] : EVERYBODY), ...mayImport])].filter((other) => other !== name)
  const words = allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')
  const arrows = {
    // In the way of .gitignore: all outside of the room, but for what the table allows.
    group: [`${up}**`, ...allowed.map((other) => `!${up}${toSpecifier(other)}`)],
    message: `src/${name} may import: ${words} (scripts/rooms.ts).`,
  }
  const terminal = { group: TERMINAL, message: 'Only src/cli uses it.' }
  return {
    files: [files],
    rules: {
      'no-restricted-imports': ['error', { patterns: name === 'cli' ? [arrows] : [arrows, terminal] }],
    },
  }
}

function toSpecifier(name: string): string {
  return name.endsWith('.ts') ? name.replace(/ts$/, 'js') : `${name}/**`
}
