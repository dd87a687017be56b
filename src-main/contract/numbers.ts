const format = new Intl.NumberFormat('en')

/** A number as sentences write it, on either side of the wire: `11,788`. */
export const grouped = (n: number | bigint): string => format.format(n)

/** The size of a matrix: `11,788 × 2,048`. */
export const sizeOf = (shape: readonly number[]): string => shape.map(grouped).join(' × ')

/** `1 image`, `11,788 images`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`
