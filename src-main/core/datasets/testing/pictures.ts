import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'

/** A tiny picture, another one for each number. */
export function picture(number: number, format: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' = 'png'): Promise<Buffer> {
  const background = { r: number % 256, g: Math.floor(number / 256) % 256, b: 100 }
  return sharp({ create: { width: 4, height: 3, channels: 3, background } })
    .toFormat(format)
    .toBuffer()
}

/** Writes files below `folder`; a number is the picture of that number. */
export async function writeTree(folder: string, files: Record<string, number | string | Buffer>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, typeof content === 'number' ? await picture(content) : content)
  }
  return folder
}
