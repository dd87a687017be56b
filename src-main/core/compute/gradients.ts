import { AppError } from '../../contract/index.ts'
import {
  add,
  broadcast,
  concat,
  constant,
  divide,
  heaviside,
  inOrder,
  matMul,
  multiply,
  reshape,
  sameShape,
  scale,
  slice,
  subtract,
  sum,
  transpose,
  where,
  type Expression,
  type Shape,
} from './expression.ts'

/**
 * Over the first axis a sum is taken as the product with a row of ones: onnxruntime's own reduction of that axis takes
 * ten times as long on the processor.
 */
function sumOver(x: Expression, axes: readonly number[]): Expression {
  const [rows, ...rest] = x.shape
  if (axes.length > 1 || axes[0] !== 0 || rest.length === 0 || x.shape.some((size) => typeof size === 'string')) {
    return sum(x, ...axes)
  }
  const columns = rest.reduce<number>((product, size) => product * Number(size), 1)
  const ones = broadcast(constant(1), [1, rows])
  return reshape(matMul(ones, reshape(x, [rows, columns])), [1, ...rest])
}

/** The factors of `x` where it is [.., c] stretched over columns, times one row: [.., c or 1] and [1, c]. */
function timesRow(x: Expression): readonly [Expression, Expression] | null {
  if (x.operation.kind !== 'multiply') return null
  const [left, row] = x.inputs
  return row.shape.slice(0, -1).every((size) => size === 1) && row.shape.at(-1) === x.shape.at(-1) ? [left, row] : null
}

/** `x` before it was stretched, where an operand of `shape` stretches it just as far. */
function unstretched(x: Expression, shape: Shape): Expression {
  return x.operation.kind === 'broadcast' && sameShape(x.shape, shape) ? x.inputs[0] : x
}

/** The adjoint of broadcasting: adds up over the axes that were stretched. */
function sumTo(x: Expression, shape: Shape): Expression {
  if (sameShape(x.shape, shape)) return x
  const factors = timesRow(x)
  // A row that every term is multiplied by is a factor of the sum.
  if (factors && sameShape(factors[0].shape, x.shape) && shape.at(-1) === x.shape.at(-1) && shape.length > 1) {
    return multiply(sumTo(factors[0], shape), factors[1])
  }
  const extra = x.shape.length - shape.length
  const axes = x.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  )
  const reduced = axes.length > 0 ? sumOver(x, axes) : x
  return sameShape(reduced.shape, shape) ? reduced : reshape(reduced, shape)
}

/** [a, b, c] → [a·b, c], for a product over all leading axes. */
function flattened(x: Expression): Expression {
  if (x.shape.length === 2) return x
  const rows = x.shape.slice(0, -1).reduce<number>((product, size) => product * Number(size), 1)
  return reshape(x, [rows, x.shape[x.shape.length - 1]])
}

function matMulAdjoints(left: Expression, right: Expression, tl: boolean, tr: boolean, g: Expression): Expression[] {
  // One column: the product with its transpose is an outer product, which broadcasting does without a matrix product.
  const outer = !tl && !tr && right.shape[1] === 1
  const forLeft = outer
    ? multiply(g, reshape(right, [1, right.shape[0]]))
    : tl
      ? matMul(right, g, { transposeLeft: tr, transposeRight: true })
      : g.shape.length > 2
        ? matMul(g, transpose(right))
        : matMul(g, right, { transposeRight: !tr })
  const forRight = tr
    ? matMul(flattened(g), flattened(left), { transposeLeft: true, transposeRight: tl })
    : matMul(flattened(left), flattened(g), { transposeLeft: !tl })
  return [forLeft, forRight]
}

/** What each operand of `x` adds to its gradient, given the gradient `g` of x; null where none flows. */
function adjoints(x: Expression, g: Expression): (Expression | null)[] {
  const [a, b, c] = x.inputs as [Expression, Expression, Expression]
  const { operation } = x
  switch (operation.kind) {
    case 'input':
    case 'parameter':
    case 'constant':
      return []
    case 'matMul':
      return matMulAdjoints(a, b, operation.transposeLeft, operation.transposeRight, g)
    case 'add':
      return [sumTo(g, a.shape), sumTo(g, b.shape)]
    case 'subtract':
      return [sumTo(g, a.shape), scale(sumTo(g, b.shape), -1)]
    case 'multiply': {
      if (a === b) return [scale(multiply(unstretched(g, a.shape), a), 2), null]
      return [
        sumTo(multiply(unstretched(g, b.shape), b), a.shape),
        sumTo(multiply(unstretched(g, a.shape), a), b.shape),
      ]
    }
    case 'divide':
      return [sumTo(divide(g, b), a.shape), scale(divide(sumTo(multiply(g, x), b.shape), b), -1)]
    case 'relu': {
      const passes = heaviside(x)
      const factors = timesRow(g)
      // The largest tensors of a step are outer products that pass here: masked before they are stretched, most are never formed.
      return [factors ? multiply(multiply(factors[0], passes), factors[1]) : multiply(g, passes)]
    }
    case 'exp':
      return [multiply(g, x)]
    case 'log':
      return [divide(g, a)]
    case 'sqrt':
      return [divide(scale(g, 0.5), x)]
    case 'softmax':
      return [multiply(x, subtract(g, sum(multiply(g, x), -1)))]
    case 'where':
      return [null, sumTo(where(a, g, constant(0)), b.shape), sumTo(where(a, constant(0), g), c.shape)]
    case 'sum':
      return [broadcast(g, a.shape)]
    case 'transpose':
      return [transpose(g)]
    case 'reshape':
      return [reshape(g, a.shape)]
    case 'broadcast':
      return [sumTo(g, a.shape)]
    case 'concat': {
      let start = 0
      return x.inputs.map((part) => {
        const size = part.shape[operation.axis] as number
        start += size
        return slice(g, operation.axis, start - size, start)
      })
    }
    case 'slice': {
      const size = a.shape[operation.axis] as number
      const zeros = (count: number) =>
        broadcast(
          constant(0),
          a.shape.map((own, axis) => (axis === operation.axis ? count : own)),
        )
      const parts = [g]
      if (operation.start > 0) parts.unshift(zeros(operation.start))
      if (operation.end < size) parts.push(zeros(size - operation.end))
      return [parts.length === 1 ? g : concat(parts, operation.axis)]
    }
    case 'stopGradient':
    case 'max':
    case 'smallestOfTop':
    case 'gather':
    case 'greater':
    case 'greaterOrEqual':
    case 'heaviside':
    case 'toFloat':
      return x.inputs.map(() => null)
  }
}

/**
 * Reverse mode: the gradient of `loss` (one value) by each of `targets`, as expressions over the same operations.
 * A target that the loss does not depend on gets zeros.
 */
export function gradients(loss: Expression, targets: readonly Expression[]): Expression[] {
  if (loss.shape.some((size) => size !== 1)) {
    throw new AppError('compute/shape-mismatch', `A gradient needs a single value, not [${loss.shape.join(', ')}].`)
  }
  const ordered = inOrder([loss])
  const wanted = new Set(targets)
  const depends = new Set<Expression>()
  for (const x of ordered) if (wanted.has(x) || x.inputs.some((operand) => depends.has(operand))) depends.add(x)

  const found = new Map<Expression, Expression>([[loss, broadcast(constant(1), loss.shape)]])
  for (const x of ordered.reverse()) {
    const g = found.get(x)
    if (!g || !depends.has(x) || (wanted.has(x) && x.inputs.length === 0)) continue
    adjoints(x, g).forEach((contribution, at) => {
      const operand = x.inputs[at]
      if (!contribution || !depends.has(operand)) return
      const before = found.get(operand)
      found.set(operand, before ? add(before, contribution) : contribution)
    })
  }
  return targets.map((target) => found.get(target) ?? broadcast(constant(0), target.shape))
}
