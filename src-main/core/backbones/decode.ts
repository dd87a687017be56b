import type { BackboneRecipe } from '../../contract/index.ts'
import { decodePhoto, type PhotoSource } from '../photos/index.ts'
import type { DecodedPhoto } from './input-tensor.ts'
import { scalingOf } from './scaling.ts'

/** Decodes what a network sees of a photo. @throws AppError `photo/…`. */
export const decodeFor = (photo: PhotoSource, recipe: BackboneRecipe): Promise<DecodedPhoto> =>
  decodePhoto(photo, async (picture, { width, height }) => {
    const scaling = scalingOf(width, height, recipe)
    const { reduced, cut } = scaling
    const small = reduced === null ? picture : picture.resize({ ...reduced, fit: 'fill' })
    return { pixels: await small.extract(cut).raw().toBuffer(), scaling }
  })
