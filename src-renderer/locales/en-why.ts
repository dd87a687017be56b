/** Why a photo gets its label. */
export const whyTexts = {} as const
