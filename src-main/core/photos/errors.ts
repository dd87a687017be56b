import { AppError } from '../../contract/index.ts'

/** Why a photo cannot be read. Whoever lists such photos adds their names. */
export const notAPicture = (next = 'Use a JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP picture.'): AppError =>
  new AppError('photo/not-a-picture', 'This file is not a picture that can be read.', { next })

export const truncated = (cause?: unknown): AppError =>
  new AppError('photo/truncated', 'This picture is cut short or damaged.', {
    next: 'Copy or download it again.',
    cause,
  })

export const tooLarge = (what: string): AppError =>
  new AppError('photo/too-large', `This picture ${what}.`, { next: 'Save a smaller copy of it.' })

export const unreadable = (cause: unknown): AppError =>
  new AppError('photo/unreadable', 'This picture’s file cannot be opened.', {
    next: 'Check that it still exists and that you may read it.',
    cause,
  })
