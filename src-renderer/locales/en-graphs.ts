/** The page Graphs. */
export const graphTexts = {
  'graphs.title': 'Graphs',
  'graphs.subtitle': 'What did it learn? The same classes in two spaces.',
} as const
