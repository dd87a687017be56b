import type { TrainingGraph } from '../engine.ts'
import { inOrder, matMul, parameter, rewritten, transpose, type Expression } from '../expression.ts'

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

  const now = rewritten(ordered, (x, [left]) => {
    const transposed = held.get(x.inputs[1])
    return held.get(x) ?? (transposed ? matMul(left, transposed, { transposeRight: true }) : null)
  })
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

/** Values of a matrix that does not stay in the cache. */
const large = 2 ** 18

/**
 * The same outputs with x Wᵀ as (W xᵀ)ᵀ where W is a large parameter: onnxruntime copies the right side of a product piece
 * by piece before it multiplies, and takes the left side as it lies.
 */
export function largeFirst(outputs: Readonly<Record<string, Expression>>): Record<string, Expression> {
  const now = rewritten(Object.values(outputs), ({ operation, shape }, [x, matrix]) => {
    const fits =
      operation.kind === 'matMul' && operation.transposeRight && !operation.transposeLeft && shape.length === 2
    if (!fits || matrix.operation.kind !== 'parameter') return null
    const size = Number(matrix.shape[0]) * Number(matrix.shape[1])
    return size < large ? null : transpose(matMul(matrix, x, { transposeRight: true }))
  })
  return Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, now(x)]))
}
