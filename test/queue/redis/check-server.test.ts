import { describe, expect, it } from 'vitest'
import { findProblem } from '../../../src/queue/redis/check-server.js'

function info(version: string, lines: readonly string[] = []): string {
  const all = [
    '# Server',
    `redis_version:${version}`,
    '# Memory',
    'maxmemory_policy:noeviction',
    'role:master',
  ]
  return [...all, ...lines, ''].join('\r\n')
}

describe('a server', () => {
  it.each(['6.2.0', '7.0.15', '7.2.4', '10.0.0'])('can hold a queue with version %s', (version) => {
    expect(findProblem(info(version), 'host')).toBeUndefined()
  })

  it.each(['3.2.12', '5.0.14', '6.0.16'])('is too old with version %s', (version) => {
    expect(findProblem(info(version), 'host')).toBe(
      `The server at host is Redis ${version}, but a queue needs 6.2 or newer.`,
    )
  })

  it('that is none is refused', () => {
    expect(findProblem('hello', 'host')).toContain('Redis of an unknown version')
  })

  it('that is Valkey reports a version of Redis, and can hold a queue', () => {
    const lines = ['server_name:valkey', 'valkey_version:8.0.1']
    expect(findProblem(info('7.2.4', lines), 'host')).toBeUndefined()
  })

  it('that is managed and hides its policy can hold a queue', () => {
    expect(findProblem('redis_version:7.1.0\r\nrole:master\r\n', 'host')).toBeUndefined()
  })
})
