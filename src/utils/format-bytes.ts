const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Formats bytes in decimal units, with one digit below 10: 1536 → `1.5 kB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${UNITS[unit]}`
}
