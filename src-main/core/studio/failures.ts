import { AppError, count } from '../../contract/index.ts'

// Failures that several parts of the studio tell.

export const unknownClass = (): AppError =>
  new AppError('classes/unknown', 'This class is not there any more.', {
    next: 'Choose one of the classes in the list.',
  })

export const wrongLength = (found: number, attributes: number): AppError =>
  new AppError(
    'classes/wrong-length',
    `There ${found === 1 ? 'is' : 'are'} ${count(found, 'value')} here, and the classes of this run have ${count(attributes, 'attribute')}.`,
    { next: 'Give a value for each attribute, in their order; leave it empty where it is not known.' },
  )

export const trayGone = (): AppError =>
  new AppError('tray/gone', 'These photos are not ready any more.', { next: 'Open them again.' })
