/** What is selected of a grid of things, and where the keyboard stands. Things are named by numbers, places count from 0. */
export interface GridSelection {
  readonly selected: ReadonlySet<number>
  /** Place that the keys move from. */
  readonly active: number
  /** Place from which a range is stretched. */
  readonly anchor: number
}

export const nothingSelected: GridSelection = { selected: new Set(), active: 0, anchor: 0 }

export interface GridShape {
  readonly items: readonly number[]
  readonly columns: number
  /** Rows that a page key moves by. */
  readonly page: number
}

type Modifiers = Pick<KeyboardEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>

const between = (items: readonly number[], a: number, b: number): Set<number> =>
  new Set(items.slice(Math.min(a, b), Math.max(a, b) + 1))

function toggled(selected: ReadonlySet<number>, item: number): Set<number> {
  const next = new Set(selected)
  if (!next.delete(item)) next.add(item)
  return next
}

/**
 * What a key does: arrows move, with Shift they stretch a range from the anchor; Space takes one in or out; ⌘/Ctrl+A
 * takes all and Escape none. null for a key that means nothing here.
 */
export function pressKey(
  state: GridSelection,
  { items, columns, page }: GridShape,
  event: Pick<KeyboardEvent, 'key'> & Modifiers,
): GridSelection | null {
  if (items.length === 0) return null
  const last = items.length - 1
  const { active, selected } = state
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === 'a') return { ...state, selected: new Set(items) }
    if (event.key !== 'Home' && event.key !== 'End') return null
  }
  if (event.key === ' ') return { selected: toggled(selected, items[active]), active, anchor: active }
  if (event.key === 'Escape') return selected.size === 0 ? null : { ...state, selected: new Set() }
  const row = active - (active % columns)
  const places: Readonly<Partial<Record<string, number>>> = {
    ArrowLeft: active - 1,
    ArrowRight: active + 1,
    ArrowUp: active - columns < 0 ? active : active - columns,
    ArrowDown: active + columns > last && row + columns > last ? active : active + columns,
    PageUp: active - page * columns < 0 ? active % columns : active - page * columns,
    PageDown: active + page * columns,
    Home: event.ctrlKey || event.metaKey ? 0 : row,
    End: event.ctrlKey || event.metaKey ? last : row + columns - 1,
  }
  const place = places[event.key]
  if (place === undefined) return null
  const next = Math.min(last, Math.max(0, place))
  return event.shiftKey
    ? { selected: between(items, state.anchor, next), active: next, anchor: state.anchor }
    : { selected, active: next, anchor: next }
}

/** What a click does: alone it selects one, with ⌘/Ctrl it takes one in or out, with Shift it stretches a range. */
export function clickPlace(
  state: GridSelection,
  items: readonly number[],
  place: number,
  event: Modifiers,
): GridSelection {
  if (event.shiftKey) return { selected: between(items, state.anchor, place), active: place, anchor: state.anchor }
  const selected = event.ctrlKey || event.metaKey ? toggled(state.selected, items[place]) : new Set([items[place]])
  return { selected, active: place, anchor: place }
}

/** The same among other things: what is not shown any more is not selected either. */
export function among(state: GridSelection, items: readonly number[]): GridSelection {
  const shown = state.selected.size === 0 ? null : new Set(items)
  const place = Math.min(state.active, Math.max(0, items.length - 1))
  return {
    selected: shown ? new Set([...state.selected].filter((item) => shown.has(item))) : state.selected,
    active: place,
    anchor: Math.min(state.anchor, Math.max(0, items.length - 1)),
  }
}
