interface Named {
  readonly x: number
  readonly y: number
  readonly text: string
  /** Who comes first where there is no room for all. */
  readonly weight: number
}

export interface Label {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly anchor: 'start' | 'middle' | 'end'
  readonly text: string
}

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const longest = 28 // characters of a label
const cell = 48 // of the grid in which boxes are looked for

/** Names beside their marks, where they cover neither a mark nor each other; those without room are left out. */
export function placeLabels(
  marks: readonly Named[],
  { radius, size, width, height }: { radius: number; size: number; width: number; height: number },
): Label[] {
  const taken = boxes()
  for (const { x, y } of marks) taken.add({ left: x - radius, top: y - radius, right: x + radius, bottom: y + radius })
  const labels: Label[] = []
  const order = marks.map((_, at) => at).sort((a, b) => marks[b].weight - marks[a].weight || a - b)
  for (const at of order) {
    const { x, y, text: name } = marks[at]
    const text = shortened(readable(name))
    const long = widthOf(text) * size
    const away = radius + 4
    const places = [
      { x: x + away, y: y + 0.35 * size, anchor: 'start', left: x + away },
      { x: x - away, y: y + 0.35 * size, anchor: 'end', left: x - away - long },
      { x, y: y - away, anchor: 'middle', left: x - long / 2 },
      { x, y: y + away + 0.75 * size, anchor: 'middle', left: x - long / 2 },
    ] as const
    for (const place of places) {
      const box = {
        left: place.left,
        right: place.left + long,
        top: place.y - 0.8 * size,
        bottom: place.y + 0.25 * size,
      }
      const inside = box.left >= -20 && box.right <= width + 20 && box.top >= 0 && box.bottom <= height
      if (!inside || taken.meets(box)) continue
      taken.add(box)
      labels.push({ x: place.x, y: place.y, anchor: place.anchor, size, text })
      break
    }
  }
  return labels
}

/** Without what benchmarks put into names: “002.Laysan_Albatross”. */
const readable = (name: string): string =>
  name
    .replace(/^\d+\.(?=\S)/, '')
    .replaceAll('_', ' ')
    .trim() || name

function shortened(name: string): string {
  const characters = Array.from(name)
  return characters.length <= longest
    ? name
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`
}

/** In units of the font's size: letters of the Latin, Greek and Cyrillic scripts are narrow, most others and emoji wide. */
const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) < 0x2000 ? 0.6 : 1.05), 0)

/** Boxes, found again by where they are. */
function boxes() {
  const grid = new Map<string, Box[]>()
  function* cells({ left, top, right, bottom }: Box): Generator<string> {
    for (let i = Math.floor(left / cell); i <= Math.floor(right / cell); i++) {
      for (let j = Math.floor(top / cell); j <= Math.floor(bottom / cell); j++) yield `${i} ${j}`
    }
  }
  const apart = (a: Box, b: Box): boolean =>
    a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
  return {
    add(box: Box): void {
      for (const key of cells(box)) grid.set(key, [...(grid.get(key) ?? []), box])
    },
    meets(box: Box): boolean {
      for (const key of cells(box)) if (grid.get(key)?.some((other) => !apart(box, other))) return true
      return false
    },
  }
}
