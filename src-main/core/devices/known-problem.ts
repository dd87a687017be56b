import type { Engine } from '../compute/engine.ts'
import { checkGolden, parseGoldenProblem } from '../golden/check.ts'
import probeProblem from './probe-problem.json' with { type: 'json' }

/**
 * The largest error of an engine on the project's own golden problem (METHOD.md section 10's measure); above
 * `goldenTolerance` it is not to be trusted.
 */
export async function knownProblemError(engine: Engine): Promise<number> {
  const { forward, gradients, adam, evaluation } = await checkGolden(parseGoldenProblem(probeProblem), engine)
  return Math.max(forward, gradients, adam, evaluation ?? 0)
}
