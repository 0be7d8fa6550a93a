import { writeFile } from 'node:fs/promises'
import { ROOMS, SHARED_ROOMS, type Room } from './rooms.js'

const FILE = new URL('../.oxlint-rooms.json', import.meta.url)

/** Modules that only src/cli may import. */
const TERMINAL = ['node:process', 'process', 'commander', 'cli-progress']

/** Depths of the files in a room. */
const DEPTHS = [1, 2]

/** Writes the lint rules that restrict imports to the table of rooms. */
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

/** @param up relative path from a file of the room to src/, for example `../`. */
function rule({ name, mayImport }: Room, files: string, up: string) {
  const isShared = SHARED_ROOMS.includes(name)
  const allowed = [...new Set([...(isShared ? [] : SHARED_ROOMS), ...mayImport])].filter(
    (other) => other !== name,
  )
  const list = allowed.length === 0 ? 'no other room' : allowed.join(', ')
  const otherRooms = {
    // Patterns as in .gitignore: everything outside the room, except the rooms that the table allows.
    group: [`${up}**`, ...allowed.map((other) => `!${up}${toSpecifier(other)}`)],
    message: `src/${name} may import: ${list} (scripts/rooms.ts).`,
  }
  const terminal = { group: TERMINAL, message: 'Only src/cli may import it.' }
  return {
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: name === 'cli' ? [otherRooms] : [otherRooms, terminal] },
      ],
    },
  }
}

function toSpecifier(name: string): string {
  return name.endsWith('.ts') ? name.replace(/ts$/, 'js') : `${name}/**`
}
