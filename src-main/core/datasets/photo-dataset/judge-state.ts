import type { Counts, DatasetManifest, Finding } from '../../../contract/index.ts'
import { judge } from '../judge.ts'
import { contentHash } from './files.ts'
import { photosPerClass, rolesOf, type PhotoState } from './state.ts'

/** What the manifest says of a state. */
export type Described = Pick<DatasetManifest, 'counts' | 'splits' | 'findings' | 'contentHash'>

/** The features that belong to a state's photos: what names them, and their width. */
export interface FeaturesOf {
  readonly identity: string
  readonly dimension: number
}

/** @param findings what was found in the files as they came, and stays true whatever is edited. */
export function describeState(state: PhotoState, features: FeaturesOf | null, findings: readonly Finding[]): Described {
  const { splits } = state
  const roles = rolesOf(state)
  const counts: Counts = {
    images: photosPerClass(state).reduce((sum, own) => sum + own, 0),
    classes: state.classNames.length,
    seen: roles.filter((role) => role === 'seen').length,
    unseen: roles.filter((role) => role === 'unseen').length,
    attributes: state.attributeNames.length,
    unknownAttributes: state.attributes.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0),
    features: features?.dimension ?? null,
  }
  return {
    counts,
    splits: {
      ...{ trainval: splits.trainval.length, testSeen: splits.testSeen.length, testUnseen: splits.testUnseen.length },
      ...{ train: splits.train?.length ?? null, validation: splits.validation?.length ?? null },
    },
    findings: [...findings, ...findingsOf(state)],
    contentHash: contentHash(state, features?.identity ?? ''),
  }
}

/** The findings of a manifest that its state does not explain: those of the files as they came. */
export function foreignFindings(findings: readonly Finding[], state: PhotoState): Finding[] {
  const own = new Set(findingsOf(state).map(({ code }) => code))
  return findings.filter(({ code }) => !own.has(code))
}

/** A state is asked for twice: when it comes about and when it is changed. */
const judged = new WeakMap<PhotoState, Finding[]>()

/** What the report would say of this dataset; nothing in it prevents anything. */
function findingsOf(state: PhotoState): Finding[] {
  const known = judged.get(state)
  if (known !== undefined) return known
  const { classNames, labels, splits } = state
  const live = Int32Array.from(state.photos.keys()).filter((index) => !state.photos[index].removed)
  const positionOf = new Map(Array.from(live, (index, position) => [index, position]))
  const positions = (list: Int32Array): Float64Array => Float64Array.from(list, (index) => positionOf.get(index)!)
  const roles = rolesOf(state)
  const { findings } = judge({
    ...{ classNames, attributeNames: state.attributeNames, attributes: state.attributes },
    attributeGroups: state.attributeGroups,
    labels: Float64Array.from(live, (index) => labels[index]),
    imageFiles: null,
    photos: Array.from(live, (index) => ({ path: '', name: state.photos[index].file })),
    splits: {
      trainval: positions(splits.trainval),
      testSeen: positions(splits.testSeen),
      testUnseen: positions(splits.testUnseen),
      train: splits.train && positions(splits.train),
      validation: splits.validation && positions(splits.validation),
    },
    unseenClasses: [...classNames.keys()].filter((index) => roles[index] === 'unseen'),
    ...{ features: null, findings: [] },
  })
  const told = findings.filter(({ level }) => level !== 'problem')
  judged.set(state, told)
  return told
}
