import { AppError } from '../../contract/index.ts'

/** A known size, or the name of one that varies from run to run (`C` classes, `B` images). */
export type Dimension = number | string
export type Shape = readonly Dimension[]
export type ElementType = 'float32' | 'int64' | 'bool'

export type Operation =
  | { readonly kind: 'input' | 'parameter'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'matMul'; readonly transposeLeft: boolean; readonly transposeRight: boolean }
  | { readonly kind: 'add' | 'subtract' | 'multiply' | 'divide' | 'greater' | 'greaterOrEqual' }
  | { readonly kind: 'relu' | 'exp' | 'log' | 'sqrt' | 'softmax' | 'heaviside' | 'toFloat' | 'where' | 'stopGradient' }
  | { readonly kind: 'sum' | 'max'; readonly axes: readonly number[] }
  | { readonly kind: 'smallestOfTop' | 'transpose' | 'reshape' | 'broadcast' | 'gather' }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }

/** Whether both are the same, sizes and names alike. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

/** A node of the tensor graph: what is computed, never a number. Engines turn it into something that runs. */
export interface Expression {
  readonly operation: Operation
  readonly inputs: readonly Expression[]
  readonly shape: Shape
  readonly type: ElementType
}

function describe(operation: Operation): string {
  return 'name' in operation ? `${operation.kind} “${operation.name}”` : operation.kind
}

const show = (shape: Shape): string => `[${shape.join(', ')}]`

function refuse(operation: Operation, inputs: readonly Expression[], why: string): never {
  const operands = inputs.map((input) => `${describe(input.operation)} ${show(input.shape)}`).join(', ')
  throw new AppError('compute/shape-mismatch', `${describe(operation)} of ${operands || 'nothing'}: ${why}`)
}

function node(operation: Operation, inputs: readonly Expression[], shape: Shape, type: ElementType = 'float32') {
  return { operation, inputs, shape, type } satisfies Expression
}

/** Fed at every run. */
export const input = (name: string, shape: Shape, type: ElementType = 'float32'): Expression =>
  node({ kind: 'input', name }, [], shape, type)

/** Held by the engine and, in a training, changed by it. */
export const parameter = (name: string, shape: readonly number[]): Expression =>
  node({ kind: 'parameter', name }, [], shape)

export const constant = (value: number): Expression => node({ kind: 'constant', value }, [], [])

/** The shape of two operands stretched over each other as NumPy does. */
function broadcastShape(operation: Operation, inputs: readonly Expression[]): Shape {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    let size: Dimension = 1
    for (const { shape } of inputs) {
      const own = shape[axis - rank + shape.length] ?? 1
      if (own === 1 || own === size) continue
      if (size !== 1) refuse(operation, inputs, `axis ${axis} is ${size} on one side and ${own} on the other`)
      size = own
    }
    return size
  })
}

function elementwise(kind: 'add' | 'subtract' | 'multiply' | 'divide', left: Expression, right: Expression) {
  return node({ kind }, [left, right], broadcastShape({ kind }, [left, right]))
}
export const add = (left: Expression, right: Expression): Expression => elementwise('add', left, right)
export const subtract = (left: Expression, right: Expression): Expression => elementwise('subtract', left, right)
export const multiply = (left: Expression, right: Expression): Expression => elementwise('multiply', left, right)
export const divide = (left: Expression, right: Expression): Expression => elementwise('divide', left, right)
export const scale = (x: Expression, factor: number): Expression => (factor === 1 ? x : multiply(x, constant(factor)))

function compare(kind: 'greater' | 'greaterOrEqual', left: Expression, right: Expression) {
  return node({ kind }, [left, right], broadcastShape({ kind }, [left, right]), 'bool')
}
export const greater = (left: Expression, right: Expression): Expression => compare('greater', left, right)
export const greaterOrEqual = (left: Expression, right: Expression): Expression =>
  compare('greaterOrEqual', left, right)

type Unary = 'relu' | 'exp' | 'log' | 'sqrt' | 'softmax' | 'heaviside' | 'toFloat' | 'stopGradient'
const unary =
  (kind: Unary) =>
  (x: Expression): Expression =>
    node({ kind }, [x], x.shape)
export const relu = unary('relu')
export const exp = unary('exp')
export const log = unary('log')
export const sqrt = unary('sqrt')
/** Over the last axis. */
export const softmax = unary('softmax')
/** 1 where positive, 0 elsewhere. No gradient. */
export const heaviside = unary('heaviside')
/** 1 where true, 0 where false. */
export const toFloat = unary('toFloat')
/** The same values; a constant for every gradient. */
export const stopGradient = unary('stopGradient')

export function where(condition: Expression, yes: Expression, no: Expression): Expression {
  const operation = { kind: 'where' } as const
  if (condition.type !== 'bool') refuse(operation, [condition, yes, no], 'the condition must be a comparison')
  return node(operation, [condition, yes, no], broadcastShape(operation, [condition, yes, no]))
}

/** left · right, either side transposed on the way (rank 2 then). A left side of rank 3 is a stack of matrices. */
export function matMul(
  left: Expression,
  right: Expression,
  { transposeLeft = false, transposeRight = false } = {},
): Expression {
  const operation = { kind: 'matMul', transposeLeft, transposeRight } as const
  const rank = left.shape.length
  if (rank < 2 || right.shape.length !== 2) refuse(operation, [left, right], 'needs a matrix on either side')
  if (rank > 2 && (transposeLeft || transposeRight)) refuse(operation, [left, right], 'a stack is not transposed')
  const leading = left.shape.slice(0, -2)
  const [rows, inner] = transposeLeft ? [left.shape[1], left.shape[0]] : left.shape.slice(-2)
  const [rightInner, columns] = transposeRight ? [right.shape[1], right.shape[0]] : right.shape
  if (inner !== rightInner) refuse(operation, [left, right], `inner sizes ${String(inner)} and ${String(rightInner)}`)
  return node(operation, [left, right], [...leading, rows, columns])
}

function reduce(kind: 'sum' | 'max', x: Expression, axes: readonly number[]) {
  const positive = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis))
  if (positive.some((axis) => axis < 0 || axis >= x.shape.length)) refuse({ kind, axes }, [x], `no axis ${axes.join()}`)
  return node(
    { kind, axes: positive },
    [x],
    x.shape.map((size, axis) => (positive.includes(axis) ? 1 : size)),
  )
}
/** The axes stay, with size 1. */
export const sum = (x: Expression, ...axes: number[]): Expression => reduce('sum', x, axes)
/** The axes stay, with size 1. No gradient: it is used only to shift, where the gradient is 0. */
export const max = (x: Expression, ...axes: number[]): Expression => reduce('max', x, axes)

/** Per row, the smallest of its `count` largest values: [R, C] and an int64 [1] → [R, 1]. No gradient. */
export function smallestOfTop(x: Expression, count: Expression): Expression {
  const operation = { kind: 'smallestOfTop' } as const
  if (x.shape.length !== 2 || count.type !== 'int64') refuse(operation, [x, count], 'needs a matrix and an int64 count')
  return node(operation, [x, count], [x.shape[0], 1])
}

/** Rows of a matrix by their numbers: [N, D] and an int64 [R] → [R, D]. No gradient: what is gathered is data. */
export function gather(x: Expression, rows: Expression): Expression {
  const operation = { kind: 'gather' } as const
  if (x.shape.length !== 2 || rows.shape.length !== 1 || rows.type !== 'int64') {
    refuse(operation, [x, rows], 'needs a matrix and int64 row numbers')
  }
  return node(operation, [x, rows], [rows.shape[0], x.shape[1]])
}

export function transpose(x: Expression): Expression {
  if (x.shape.length !== 2) refuse({ kind: 'transpose' }, [x], 'needs a matrix')
  return node({ kind: 'transpose' }, [x], [x.shape[1], x.shape[0]])
}

/** The same values in another shape; axes of size 1 come and go freely, else the sizes must be known. */
export function reshape(x: Expression, shape: Shape): Expression {
  const significant = (s: Shape) => s.filter((size) => size !== 1).join('×')
  const count = (s: Shape) => s.reduce<number>((product, size) => product * Number(size), 1)
  if (significant(x.shape) !== significant(shape) && count(x.shape) !== count(shape)) {
    refuse({ kind: 'reshape' }, [x], `does not fit ${show(shape)}`)
  }
  return node({ kind: 'reshape' }, [x], shape)
}

/** Stretches axes of size 1 (and missing leading ones) to `shape`, whose sizes are known. */
export function broadcast(x: Expression, shape: Shape): Expression {
  if (show(x.shape) === show(shape)) return x
  const stretched = broadcastShape({ kind: 'broadcast' }, [x, node({ kind: 'broadcast' }, [], shape)])
  if (show(stretched) !== show(shape)) refuse({ kind: 'broadcast' }, [x], `does not stretch to ${show(shape)}`)
  return node({ kind: 'broadcast' }, [x], shape)
}

export function concat(parts: readonly Expression[], axis: number): Expression {
  const operation = { kind: 'concat', axis } as const
  const shape = [...parts[0].shape]
  for (const part of parts.slice(1)) {
    part.shape.forEach((size, at) => {
      if (at !== axis && size !== shape[at]) refuse(operation, parts, `sizes differ on axis ${at}`)
    })
    const [so, far] = [shape[axis], part.shape[axis]]
    if (typeof so !== 'number' || typeof far !== 'number') refuse(operation, parts, 'the joined sizes must be known')
    shape[axis] = so + far
  }
  return node(operation, parts, shape)
}

export function slice(x: Expression, axis: number, start: number, end: number): Expression {
  const operation = { kind: 'slice', axis, start, end } as const
  const size = x.shape[axis]
  if (typeof size !== 'number' || start < 0 || end > size || start >= end) refuse(operation, [x], 'out of range')
  return node(
    operation,
    [x],
    x.shape.map((own, at) => (at === axis ? end - start : own)),
  )
}

/** Multiplications of a matrix product whose sizes are known; 0 for everything else. */
export function multiplications({ operation, inputs, shape }: Expression): number {
  if (operation.kind !== 'matMul') return 0
  const inner = inputs[0].shape.at(operation.transposeLeft ? 0 : -1)
  return shape.reduce<number>((product, size) => product * Number(size), Number(inner))
}

/**
 * What becomes of the graph of `roots` when `replace` has its say about each expression, operands first: something else in
 * its place, or null to leave it. `operands` are what became of its own.
 */
export function rewritten(
  roots: readonly Expression[],
  replace: (x: Expression, operands: readonly Expression[]) => Expression | null,
): (x: Expression) => Expression {
  const replaced = new Map<Expression, Expression>()
  const now = (x: Expression): Expression => replaced.get(x) ?? x
  for (const x of inOrder(roots)) {
    const operands = x.inputs.map(now)
    const other = replace(x, operands)
    if (other) replaced.set(x, other)
    else if (operands.some((operand, at) => operand !== x.inputs[at])) replaced.set(x, { ...x, inputs: operands })
  }
  return now
}

/** Every expression that `roots` need, each once, operands before what uses them. */
export function inOrder(roots: readonly Expression[]): Expression[] {
  const seen = new Set<Expression>()
  const ordered: Expression[] = []
  // An explicit stack: deep graphs must not depend on the size of the call stack.
  const stack = roots.map((root) => ({ expression: root, next: 0 })).reverse()
  while (stack.length > 0) {
    const top = stack[stack.length - 1]
    if (seen.has(top.expression)) {
      stack.pop()
    } else if (top.next < top.expression.inputs.length) {
      stack.push({ expression: top.expression.inputs[top.next++], next: 0 })
    } else {
      seen.add(top.expression)
      ordered.push(top.expression)
      stack.pop()
    }
  }
  return ordered
}
