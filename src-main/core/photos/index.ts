export { isPhotoName, photoExtensions } from './format.ts'
export { decodePhoto, photoHash, readPhoto, readPhotoInfo, thumbnail, type PhotoSource } from './read.ts'
