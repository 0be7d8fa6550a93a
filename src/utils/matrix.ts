export type Vector = readonly number[]

/** Three rows of three numbers. */
export type Matrix = readonly Vector[]

/** Returns the matrix times a vector. */
export function transform(matrix: Matrix, vector: Vector): Vector {
  return matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0))
}

/** Returns the matrix that applies `second`, then `first`. */
export function multiply(first: Matrix, second: Matrix): Matrix {
  return first.map((row) =>
    [0, 1, 2].map((at) => row.reduce((sum, value, k) => sum + value * second[k]![at]!, 0)),
  )
}

/** Returns the inverse. Throws RangeError if there is none. */
export function invert(matrix: Matrix): Matrix {
  // The columns of the inverse are the cross products of two rows each.
  const crossed = [0, 1, 2].map((at) => cross(matrix[(at + 1) % 3]!, matrix[(at + 2) % 3]!))
  const determinant = crossed[0]!.reduce((sum, value, at) => sum + value * matrix[0]![at]!, 0)
  if (!(Math.abs(determinant) > 1e-9)) throw new RangeError('The matrix has no inverse.')
  return [0, 1, 2].map((row) => crossed.map((column) => column[row]! / determinant))
}

function cross(a: Vector, b: Vector): Vector {
  return [0, 1, 2].map((at) => {
    const [next, last] = [(at + 1) % 3, (at + 2) % 3]
    return a[next]! * b[last]! - a[last]! * b[next]!
  })
}
