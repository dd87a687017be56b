/**
 * The two ways in which a category graph dies (METHOD.md section 8): hardly any class has a neighbour, so that propagation
 * does nothing, or nearly every class is every other's, so that prototypes coincide. null: it lives.
 */
export function graphDeath(meanDegree: number, classes: number): 'empty' | 'complete' | null {
  if (meanDegree < 0.5) return 'empty'
  return meanDegree >= 0.95 * (classes - 1) ? 'complete' : null
}
