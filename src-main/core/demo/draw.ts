import type { Random } from '../random.ts'
import type { Part, Traits } from './species.ts'

/** Width and height of a picture, pixels. */
export const pictureSize = 288

const centre = pictureSize / 2
const ink = '#2b2722'

/** Hue, saturation and lightness of the fur; each animal is a little off. */
const furs = { red: [6, 66, 50], yellow: [46, 84, 56], green: [118, 38, 42], blue: [212, 54, 52] } as const
/** Half width and half height of a body. */
const bodies = { round: [50, 45], oval: [58, 34], long: [78, 22] } as const

/** Sky or far ground, near ground, what grows there. Paper colours, none of them as strong as a fur. */
const places = [
  ['#e9e2d0', '#c9c19f', '#9d9a6b'],
  ['#dfe6e2', '#b9c2b0', '#86937a'],
  ['#f1e6d8', '#dcc7a8', '#b39a72'],
  ['#e3dfe8', '#bdb4b8', '#8d8590'],
  ['#d9dfe6', '#c8c6bb', '#99968a'],
] as const

const hsl = (h: number, s: number, l: number): string => `hsl(${h.toFixed(0)} ${s.toFixed(0)}% ${l.toFixed(0)}%)`
const point = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`

/** A picture of one critter as SVG: pose, size, place and light are drawn at random, what it looks like is not. */
export function drawCritter(traits: Traits, random: Random): string {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform()
  const tall = traits.parts.includes('neck')
  const size = between(0.78, 1.16) * (tall ? 0.88 : 1)
  const [x, y] = [centre + between(-26, 26), centre + (tall ? 34 : 16) + between(-18, 18)]
  const feet = bodies[traits.body][1] + (traits.legs === 0 ? 0 : 30)
  const turn = between(-13, 13)
  const mirrored = random.uniform() < 0.5 ? -1 : 1
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${pictureSize}" height="${pictureSize}">
${scenery(random, between, y + feet * size)}
<g transform="translate(${point(x, y)}) rotate(${turn.toFixed(1)}) scale(${(mirrored * size).toFixed(3)} ${size.toFixed(3)})" stroke="${ink}" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">
<ellipse cy="${feet}" rx="${bodies[traits.body][0] * 1.1}" ry="9" fill="${ink}" opacity=".16" stroke="none"/>
${critter(traits, random, between)}
</g>
</svg>`
}

type Between = (low: number, high: number) => number

function scenery(random: Random, between: Between, ground: number): string {
  const [sky, earth, plant] = places[random.integer(places.length)]
  const hill = Math.min(pictureSize - 24, ground - between(0, 26))
  const tufts = Array.from({ length: 3 + random.integer(7) }, () => {
    const [x, y, h] = [between(0, pictureSize), between(hill + 8, pictureSize), between(8, 20)]
    return `M${point(x - 4, y)}q2 ${-h} -3 ${-h}M${point(x, y)}q1 ${-h * 1.3} 2 ${-h * 1.3}M${point(x + 4, y)}q0 ${-h} 6 ${-h}`
  })
  const stones = Array.from({ length: random.integer(5) }, () => {
    const [x, y, r] = [between(0, pictureSize), between(hill + 10, pictureSize), between(3, 9)]
    return `<ellipse cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" rx="${r.toFixed(1)}" ry="${(r * 0.6).toFixed(1)}"/>`
  })
  return `<rect width="100%" height="100%" fill="${sky}"/>
<circle cx="${between(30, 258).toFixed(0)}" cy="${between(24, 70).toFixed(0)}" r="${between(10, 24).toFixed(0)}" fill="#fffaf0" opacity=".7"/>
<path d="M0 ${hill.toFixed(0)}Q${point(between(60, 130), hill - between(5, 34))} ${point(centre, hill)}T${pictureSize} ${(hill - between(-10, 14)).toFixed(0)}V${pictureSize}H0Z" fill="${earth}"/>
<g fill="${plant}" opacity=".5">${stones.join('')}</g>
<path d="${tufts.join('')}" stroke="${plant}" stroke-width="2" fill="none"/>`
}

/** Looks to the right; the body's centre is the origin. What lies behind comes first. */
function critter(traits: Traits, random: Random, between: Between): string {
  const [h, s, l] = furs[traits.colour]
  const [hue, light] = [h + between(-7, 7), l + between(-5, 5)]
  const [fur, dark, pale] = [hsl(hue, s, light), hsl(hue, s, light - 20), hsl(hue, s * 0.8, light + 24)]
  const [rx, ry] = bodies[traits.body]
  const has = (part: Part): boolean => traits.parts.includes(part)
  const sway = between(-8, 8)
  const clip = `body${random.integer(2 ** 30)}`

  const neck = has('neck') ? 46 : 0
  const [hx, hy] = [rx * 0.84 + (neck ? 14 : 8), -ry * 0.62 - neck - (traits.body === 'long' ? 2 : 6)]
  const head = 21

  return [
    has('wings') && wing(-4, -ry * 0.5, dark, sway - 10, 0.92),
    has('tail') && tail(-rx, -2, fur, sway),
    legs(traits.legs, rx, ry, dark, between),
    has('spines') && spines(rx, ry, pale, traits.body === 'round' ? 7 : 9),
    neck > 0 && limb(`M${point(rx * 0.66, -ry * 0.3)}Q${point(rx * 0.9, hy + 40)} ${point(hx - 2, hy + 6)}`, fur, 17),
    `<clipPath id="${clip}"><ellipse rx="${rx}" ry="${ry}"/></clipPath>`,
    `<ellipse rx="${rx}" ry="${ry}" fill="${fur}"/>`,
    `<g clip-path="url(#${clip})" stroke="none"><ellipse cy="${ry * 0.9}" rx="${rx * 0.8}" ry="${ry * 0.6}" fill="${pale}" opacity=".45"/>${marks(traits, rx, ry, random, between)}</g>`,
    `<ellipse rx="${rx}" ry="${ry}" fill="none"/>`,
    has('wings') && wing(2, -ry * 0.35, pale, sway, 1),
    has('ears') && ears(hx, hy, head, fur, pale, sway),
    has('horns') && horns(hx, hy, head),
    has('antennae') && antennae(hx, hy, head, dark, sway),
    `<circle cx="${hx.toFixed(1)}" cy="${hy.toFixed(1)}" r="${head}" fill="${fur}"/>`,
    has('beak') ? beak(hx, hy, head) : mouth(hx, hy, head),
    eye(hx, hy, random.uniform() < 0.12),
  ]
    .filter(Boolean)
    .join('\n')
}

/** A thick line in a colour with ink on either side. */
const limb = (path: string, colour: string, width: number): string =>
  `<path d="${path}" fill="none" stroke="${ink}" stroke-width="${width + 4.4}"/><path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}"/>`

function legs(count: number, rx: number, ry: number, colour: string, between: Between): string {
  return Array.from({ length: count }, (_, at) => {
    const x = count === 1 ? 0 : -rx * 0.62 + (rx * 1.24 * at) / (count - 1)
    const under = ry * Math.sqrt(Math.max(0, 1 - (x / rx) ** 2)) - 5
    const [swing, length] = [between(-10, 10), between(30, 36)]
    return limb(
      `M${point(x, under)}L${point(x + swing * 0.4, under + length * 0.6)}L${point(x + swing, under + length)}h6`,
      colour,
      count === 6 ? 4.5 : 7,
    )
  }).join('')
}

function tail(x: number, y: number, colour: string, sway: number): string {
  return limb(
    `M${point(x + 8, y)}C${point(x - 26, y + 8)} ${point(x - 30, y - 34 + sway)} ${point(x - 50, y - 30 + sway)}S${point(x - 52, y - 58 + sway)} ${point(x - 40, y - 56 + sway)}`,
    colour,
    8,
  )
}

function spines(rx: number, ry: number, colour: string, count: number): string {
  const at = (angle: number, out: number): string => point(Math.cos(angle) * (rx + out), -Math.sin(angle) * (ry + out))
  const triangles = Array.from({ length: count }, (_, i) => {
    const angle = Math.PI * (0.22 + (0.68 * i) / (count - 1))
    return `M${at(angle - 0.13, -4)}L${at(angle + 0.05, 22)}L${at(angle + 0.13, -4)}Z`
  })
  return `<path d="${triangles.join('')}" fill="${colour}"/>`
}

function wing(x: number, y: number, colour: string, sway: number, scale: number): string {
  return `<path transform="translate(${point(x, y)}) rotate(${(sway * 1.4).toFixed(1)}) scale(${scale})" d="M12 6C-6 -30 -44 -76 -86 -70C-74 -58 -78 -50 -88 -44C-72 -36 -72 -28 -80 -20C-60 -12 -30 10 12 6Z" fill="${colour}" fill-opacity=".92"/>`
}

function ears(x: number, y: number, head: number, fur: string, pale: string, sway: number): string {
  const ear = (dx: number, tilt: number): string =>
    `<g transform="translate(${point(x + dx, y - head * 0.7)}) rotate(${tilt.toFixed(1)})"><ellipse cy="-22" rx="9" ry="25" fill="${fur}"/><ellipse cy="-20" rx="4.5" ry="17" fill="${pale}" stroke="none"/></g>`
  return ear(-11, -24 + sway) + ear(8, 12 + sway)
}

function horns(x: number, y: number, head: number): string {
  const horn = (dx: number, bend: number): string => {
    const [bx, by] = [x + dx, y - head * 0.75]
    return `<path d="M${point(bx - 5, by)}Q${point(bx - 4 + bend, by - 22)} ${point(bx + bend * 1.7, by - 32)}Q${point(bx + 7 + bend * 0.4, by - 18)} ${point(bx + 6, by)}Z" fill="#efe3c4"/>`
  }
  return horn(-9, -9) + horn(9, 9)
}

function antennae(x: number, y: number, head: number, colour: string, sway: number): string {
  const feeler = (dx: number, out: number): string => {
    const [bx, by, tx, ty] = [x + dx, y - head * 0.8, x + out + sway, y - head - 34]
    return `<path d="M${point(bx, by)}Q${point(bx, by - 22)} ${point(tx, ty)}" fill="none"/><circle cx="${tx.toFixed(1)}" cy="${ty.toFixed(1)}" r="5.5" fill="${colour}"/>`
  }
  return feeler(2, -2) + feeler(10, 28)
}

const beak = (x: number, y: number, head: number): string =>
  `<path d="M${point(x + head * 0.72, y - 9)}Q${point(x + head + 16, y - 6)} ${point(x + head + 26, y + 5)}Q${point(x + head + 8, y + 9)} ${point(x + head * 0.72, y + 9)}Z" fill="#e9a23b"/>`

const mouth = (x: number, y: number, head: number): string =>
  `<path d="M${point(x + head * 0.35, y + head * 0.5)}q6 5 11 -1" fill="none"/>`

function eye(x: number, y: number, shut: boolean): string {
  const [ex, ey] = [x + 7, y - 4]
  if (shut) return `<path d="M${point(ex - 5, ey)}q5 5 10 0" fill="none"/>`
  return `<circle cx="${ex.toFixed(1)}" cy="${ey.toFixed(1)}" r="6" fill="#fffdf8" stroke-width="1.6"/><circle cx="${(ex + 1.6).toFixed(1)}" cy="${ey.toFixed(1)}" r="2.8" fill="${ink}" stroke="none"/>`
}

function marks({ marks: kind, colour }: Traits, rx: number, ry: number, random: Random, between: Between): string {
  const shade = colour === 'yellow' ? '#4a3a1c' : '#fbf1dc'
  if (kind === 'stripes') {
    const gap = 17
    return Array.from({ length: Math.ceil((2 * rx) / gap) }, (_, at) => {
      const x = -rx + 6 + at * gap + between(-1.5, 1.5)
      return `<path d="M${point(x, -ry)}q7 ${ry} 0 ${2 * ry}" fill="none" stroke="${shade}" stroke-width="7"/>`
    }).join('')
  }
  if (kind !== 'spots') return ''
  // On a loose grid, so that a body is covered whatever its form.
  const dots: string[] = []
  const step = 19
  for (let y = -ry + 8; y < ry; y += step) {
    for (let x = -rx + 8 + (random.uniform() < 0.5 ? 0 : 9); x < rx; x += step) {
      dots.push(
        `<circle cx="${(x + between(-3, 3)).toFixed(1)}" cy="${(y + between(-3, 3)).toFixed(1)}" r="${between(4, 6.4).toFixed(1)}"/>`,
      )
    }
  }
  return `<g fill="${shade}">${dots.join('')}</g>`
}
