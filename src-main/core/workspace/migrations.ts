/** Brings a workspace from one version to the next. May be run again after it was interrupted, so it must not mind. */
export type Migration = (directory: string) => Promise<void>

/** Version of the layout that this code reads and writes. */
export const schemaVersion = 1

/** By the version that each one starts from. */
export type Migrations = Readonly<Partial<Record<number, Migration>>>

/** Version 1 is the first, so that there is none yet. */
export const migrations: Migrations = {}
