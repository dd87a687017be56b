import type cytoscape from 'cytoscape'
import type { Palette } from './palette.ts'

const shapes = { seen: 'ellipse', unseen: 'diamond', yours: 'star', none: 'ellipse' } as const

/** A diamond or a star as large as a circle looks smaller. */
export const weights = { seen: 2, unseen: 2.5, yours: 3, none: 1.8 } as const

/** The pages may hold no style elements (Content-Security-Policy); Cytoscape leaves its own away where it finds one. */
export function claimStylesheet(): void {
  const id = '__________cytoscape_stylesheet'
  if (document.getElementById(id)) return
  const claim = document.createElement('meta')
  claim.id = id
  document.head.append(claim)
}

/** How Cytoscape draws a class: its role by shape and colour together, its attention to itself by a ring. */
export const styleOf = (palette: Palette): cytoscape.StylesheetJson => [
  {
    selector: 'node',
    style: {
      width: 'data(size)',
      height: 'data(size)',
      'background-color': palette.roles.seen,
      'border-width': 0.8,
      'border-color': palette.paper,
      'outline-width': 'data(ring)',
      'outline-color': palette.soft,
      'outline-opacity': 0.5,
      'outline-offset': 'data(gap)',
      'overlay-opacity': 0,
      events: 'yes',
    },
  },
  ...(['unseen', 'yours'] as const).map((role) => ({
    selector: `node.${role}`,
    style: { shape: shapes[role], 'background-color': palette.roles[role] },
  })),
  {
    selector: 'node.none',
    style: { 'background-color': palette.paper, 'border-color': palette.roles.none, 'border-width': 1.6 },
  },
  { selector: 'node.away', style: { display: 'none' } },
  { selector: 'core', style: { 'active-bg-opacity': 0 } as cytoscape.Css.Core },
]
