/** The page Classes. */
export const classesTexts = {
  'classes.title': 'Classes',
  'classes.subtitle': 'Describe what nobody has photographed. The model is not retrained.',
} as const
