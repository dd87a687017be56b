import { count } from '../../../contract/index.ts'
import type { DatasetSource, Importer } from '../source.ts'
import { classFolders } from './class-folders.ts'
import { findClasses } from './class-names.ts'
import { declaredSplits } from './declared-splits.ts'
import { hasFiles, requireFile } from './files.ts'
import { readMatrix, readNumbered } from './lines.ts'

// Animals with Attributes 2 (Lampert, Nickisch, Harmeling; Xian et al.) as it is published: JPEGImages/<class>/…,
// classes.txt, predicates.txt, predicate-matrix-continuous.txt (a percentage; −1 is "not known") and -binary.txt,
// trainclasses.txt, testclasses.txt.

const continuous = 'predicate-matrix-continuous.txt'
const binary = 'predicate-matrix-binary.txt'

export const awa2: Importer = {
  layout: 'awa2',

  recognises: (dropped) =>
    hasFiles(dropped, ['classes.txt', 'predicates.txt']) &&
    (hasFiles(dropped, [continuous]) || hasFiles(dropped, [binary])),

  async read(dropped, signal): Promise<DatasetSource> {
    const classNames = [...(await readNumbered(requireFile(dropped, 'classes.txt'), signal)).values()]
    const attributeNames = [...(await readNumbered(requireFile(dropped, 'predicates.txt'), signal)).values()]
    const matrix = requireFile(dropped, hasFiles(dropped, [continuous]) ? continuous : binary)
    const attributes = await readMatrix(matrix, classNames.length, attributeNames.length, signal)

    const folders = dropped.photos.length > 0 ? classFolders(dropped.photos) : null
    const names = folders?.names ?? []
    const found = findClasses(names, classNames)
    const unknown = names.filter((_, i) => found[i] === null)
    const labels: number[] = []
    const photos = (folders?.photos ?? []).filter((_, i) => {
      const label = found[folders!.folders[i]]
      if (label !== null) labels.push(label)
      return label !== null
    })
    return {
      classNames,
      attributeNames,
      attributes,
      attributeGroups: null,
      labels: Float64Array.from(labels),
      imageFiles: null,
      photos,
      features: null,
      ...(await declaredSplits(dropped, classNames, photos, signal)),
      findings: [
        ...(folders?.findings ?? []),
        ...(unknown.length === 0
          ? []
          : [
              {
                level: 'warning' as const,
                code: 'dataset/folder-without-class',
                message: `${count(unknown.length, 'folder is', 'folders are')} not in classes.txt; the photos there are left out.`,
                examples: unknown.slice(0, 20),
              },
            ]),
      ],
    }
  },
}
