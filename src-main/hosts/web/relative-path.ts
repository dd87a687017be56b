import { AppError } from '../../contract/index.ts'

const windowsDevice = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i
const windowsForbidden = /[<>:"|?*]|[. ]$/
// eslint-disable-next-line no-control-regex -- finding them is the point
const never = /[\u0000-\u001f\u007f\\]/

const longestSegment = 255 // bytes; what common file systems take
const deepest = 32

/**
 * The segments of a path that a page sent, of which each names something directly inside its parent.
 * Throws `files/invalid-path` for anything absolute, climbing, empty, too long, or reserved by the platform.
 */
export function relativeSegments(path: string, platform: NodeJS.Platform = process.platform): string[] {
  const segments = path.split('/')
  const fine =
    segments.length <= deepest &&
    segments.every(
      (segment) =>
        segment !== '' &&
        segment !== '.' &&
        segment !== '..' &&
        Buffer.byteLength(segment) <= longestSegment &&
        !never.test(segment) &&
        (platform !== 'win32' || (!windowsDevice.test(segment) && !windowsForbidden.test(segment))),
    )
  if (fine) return segments
  throw new AppError('files/invalid-path', 'A file has a path that cannot be stored here.', {
    next: 'Rename it, then drop the folder again.',
    details: { path: path.slice(0, 200) },
  })
}
