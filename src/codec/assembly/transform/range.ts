// Coefficients and samples that no encoder produces: libjpeg's implementations differ there.

/** Not 0 after a sample that no encoder produces: libjpeg's implementations differ there, so the caller rejects the file. */
export class Damage {
  static found: i32 = 0
}

/** Larger coefficients overflow in some of libjpeg's implementations. No encoder produces them. */
export const MAX_COEFFICIENT: i32 = 1700

@inline
export function isOutOfRange(coefficient: i32): bool {
  return <u32>(coefficient + MAX_COEFFICIENT) > <u32>(2 * MAX_COEFFICIENT)
}

@inline
export function noteOutOfRange(found: v128): void {
  Damage.found |= v128.any_true(found) ? 1 : 0
}
