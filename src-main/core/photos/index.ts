export { isPhotoName, photoExtensions, photoFormats, type PhotoFormat } from './format.ts'
export {
  decodePhoto,
  mostPixels,
  photoHash,
  readPhoto,
  readPhotoInfo,
  thumbnail,
  type PhotoInfo,
  type PhotoSource,
} from './read.ts'
