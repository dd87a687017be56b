import type { ClassBook, UserClass } from '../../../src-main/contract/index.ts'

const sameList = <T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean =>
  a.length === b.length && Array.from(a).every((one, at) => Object.is(one, b[at]))

const photosOf = (one: UserClass | undefined): string => one?.photos.map(({ id }) => id).join(' ') ?? ''

/**
 * Whether a class is looked at in the same company: its own attributes and visual source are the draft's, so that keeping
 * them gives no reason to ask the model again.
 */
export function sameCast(before: ClassBook, after: ClassBook, chosen: string): boolean {
  const others = ({ yours }: ClassBook): UserClass[] => yours.filter(({ id, on }) => on && id !== chosen)
  const own = ({ yours }: ClassBook): UserClass | undefined => yours.find(({ id }) => id === chosen)
  const [old, now] = [others(before), others(after)]
  return (
    sameList(before.off, after.off) &&
    own(before)?.name === own(after)?.name &&
    photosOf(own(before)) === photosOf(own(after)) &&
    old.length === now.length &&
    old.every((one, at) => {
      const other = now[at]
      return (
        one.id === other.id &&
        one.name === other.name &&
        photosOf(one) === photosOf(other) &&
        JSON.stringify(one.visual) === JSON.stringify(other.visual) &&
        sameList(one.attributes, other.attributes)
      )
    })
  )
}
