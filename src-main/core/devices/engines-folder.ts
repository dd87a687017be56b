/** Where engines are kept that somebody added, as the host says; job processes inherit it. null: nowhere. */
export const enginesFolder = (): string | null => process.env.UNSEEN_ENGINES || null
