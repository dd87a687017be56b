/** Positions turned, mirrored and scaled so as to lie as near as they can to others (Procrustes); x and y by turns. */
export function turnedTowards(positions: Float64Array, target: Float64Array): Float64Array {
  const [own, wanted] = [centred(positions), centred(target)]
  const fits = [false, true].map((mirror) => {
    const given = mirror ? own.map((value, i) => (i % 2 === 0 ? -value : value)) : own
    // Best turn of the plane: the angle of Σ conj(given) · wanted.
    let [real, imaginary, square] = [0, 0, 0]
    for (let i = 0; i < given.length; i += 2) {
      real += given[i] * wanted[i] + given[i + 1] * wanted[i + 1]
      imaginary += given[i] * wanted[i + 1] - given[i + 1] * wanted[i]
      square += given[i] ** 2 + given[i + 1] ** 2
    }
    return { given, real, imaginary, size: Math.hypot(real, imaginary), square }
  })
  const { given, real, imaginary, square } = fits[1].size > fits[0].size ? fits[1] : fits[0]
  if (square === 0) return given
  const [cosine, sine] = [real / square, imaginary / square]
  const turned = new Float64Array(given.length)
  for (let i = 0; i < given.length; i += 2) {
    turned[i] = cosine * given[i] - sine * given[i + 1]
    turned[i + 1] = sine * given[i] + cosine * given[i + 1]
  }
  return turned
}

/** Around their mean. */
export function centred(positions: Float64Array): Float64Array {
  const count = positions.length / 2
  const mean = [0, 0]
  positions.forEach((value, i) => (mean[i % 2] += value / count))
  return positions.map((value, i) => value - mean[i % 2])
}
