import type { TrainingGraph } from '../engine.ts'
import { inOrder, matMul, parameter, type Expression } from '../expression.ts'

/** Columns of float32 in a page of memory: the processor fetches ahead within one, never across. */
const pageWidth = 4096 / Float32Array.BYTES_PER_ELEMENT

/**
 * The same graph over the transposed of every wide matrix W that is only used as x W with nothing learned in x: first
 * layers. onnxruntime walks down the columns of W, which is up to twice as slow where each row begins in another page.
 * The gradient by x would lose what this gains, but no first layer needs it.
 */
export function holdTransposed(graph: TrainingGraph): {
  readonly graph: TrainingGraph
  /** Names of the parameters that the graph wants columns first. */
  readonly transposed: ReadonlySet<string>
} {
  const ordered = inOrder([graph.loss, ...Object.values(graph.outputs)])
  const learned = new Set<Expression>(graph.parameters)
  for (const x of ordered) if (x.inputs.some((operand) => learned.has(operand))) learned.add(x)

  const multiplies = (x: Expression, matrix: Expression): boolean => {
    const { operation, inputs } = x
    const plain = operation.kind === 'matMul' && !operation.transposeLeft && !operation.transposeRight
    return plain && inputs[1] === matrix && x.shape.length === 2 && !learned.has(inputs[0])
  }
  const uses = (matrix: Expression) => ordered.filter(({ inputs }) => inputs.includes(matrix))
  const held = new Map<Expression, Expression>()
  for (const x of graph.parameters) {
    const [rows, columns] = x.shape as readonly number[]
    if (x.shape.length === 2 && columns >= pageWidth && uses(x).every((use) => multiplies(use, x))) {
      held.set(x, parameter((x.operation as { name: string }).name, [columns, rows]))
    }
  }

  const rewritten = new Map<Expression, Expression>(held)
  const now = (x: Expression): Expression => rewritten.get(x) ?? x
  for (const x of ordered) {
    if (held.has(x)) continue
    const inputs = x.inputs.map(now)
    if (held.has(x.inputs[1])) rewritten.set(x, matMul(inputs[0], inputs[1], { transposeRight: true }))
    else if (inputs.some((operand, at) => operand !== x.inputs[at])) rewritten.set(x, { ...x, inputs })
  }
  return {
    graph: {
      ...graph,
      loss: now(graph.loss),
      parameters: graph.parameters.map(now),
      outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, x]) => [name, now(x)])),
    },
    transposed: new Set([...held.keys()].map(({ operation }) => (operation as { name: string }).name)),
  }
}
