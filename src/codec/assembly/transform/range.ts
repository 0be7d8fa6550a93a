// Coefficients and samples that no encoder produces: libjpeg's implementations differ there.

/** Not 0 after a coefficient or a sample that is out of range. The caller then rejects the file. */
export class Damage {
  static found: i32 = 0
}

/** Largest coefficient. Larger ones overflow in some of libjpeg's implementations. */
export const MAX_COEFFICIENT: i32 = 1700

@inline
export function isOutOfRange(coefficient: i32): bool {
  return <u32>(coefficient + MAX_COEFFICIENT) > <u32>(2 * MAX_COEFFICIENT)
}

@inline
export function noteOutOfRange(found: v128): void {
  Damage.found |= v128.any_true(found) ? 1 : 0
}
