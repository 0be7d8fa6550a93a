import diagnostics from 'node:diagnostics_channel'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { Socket } from 'node:net'
import { afterEach } from 'vitest'

const restores = new Set<() => void>()

afterEach(() => {
  for (const restore of restores) restore()
  restores.clear()
})

/** Records the addresses to which this process begins to open a TCP connection, until the end of the test. */
export function recordAttempts(): readonly string[] {
  const attempts: string[] = []
  const record = (message: unknown) => {
    const { socket } = message as { socket: Socket } // Node's message
    socket.on('connectionAttempt', (address: string) => attempts.push(address))
  }
  diagnostics.subscribe('net.client.socket', record)
  restores.add(() => diagnostics.unsubscribe('net.client.socket', record))
  return attempts
}

/**
 * Answers the lookups of this process from a script, until the end of the test: a list of addresses for each lookup of a
 * name; the last one repeats. Other names do not exist. There is no other way to a name server whose answers change.
 *
 * @returns the names that were looked up.
 */
export function scriptNames(
  script: Readonly<Record<string, readonly (readonly string[])[]>>,
): readonly string[] {
  const looked: string[] = []
  const original = dns.lookup
  const lookup = (
    name: string,
    _options: unknown,
    callback: (error: Error | null, addresses: dns.LookupAddress[]) => void,
  ): void => {
    const answers = script[name] ?? []
    const times = looked.filter((each) => each === name).length
    const addresses = answers[Math.min(times, answers.length - 1)] ?? []
    looked.push(name)
    const error =
      addresses.length === 0 ? Object.assign(new Error(`no such name: ${name}`), { code: 'ENOTFOUND' }) : null
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    setImmediate(() => callback(error, found))
  }
  dns.lookup = lookup as typeof dns.lookup // the guard asks for all addresses, with options
  syncBuiltinESMExports()
  restores.add(() => {
    dns.lookup = original
    syncBuiltinESMExports()
  })
  return looked
}
