/**
 * Returns the milliseconds of a clock that never goes back. `performance.now()` gives the same, but its first call loads a
 * module of Node.js, which takes a millisecond of the start.
 */
export function readClock(): number {
  // oxlint-disable-next-line no-restricted-globals -- no other clock is there without a module
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
