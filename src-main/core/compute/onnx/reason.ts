/** A path from its beginning to its last separator; names of folders may hold blanks. */
const folders = /(?<![\w.])(?:[A-Za-z]:)?[\\/].*[\\/]/

/**
 * What onnxruntime says of a failure, fit for a sentence: its first line, without folders of this machine or of the one
 * that built it.
 */
export const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0].replace(folders, '')
