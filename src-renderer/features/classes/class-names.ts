import type { ClassPreview } from '../../../src-main/contract/index.ts'
import { readableName } from '../../ui/format.ts'

/** A name inside a sentence: letters that run the other way do not turn the words around it. */
export const isolated = (name: string): string => `\u2068${name}\u2069`

/** A class of a preview, for reading: a person's own name stays as she wrote it. */
export function nameIn({ classes }: Pick<ClassPreview, 'classes'>, at: number): string {
  const one = classes.at(at)
  if (!one) return ''
  return one.role === 'yours' ? one.name : readableName(one.name)
}
