import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePhoto, isPhotoName, photoHash, readPhotoInfo, thumbnail } from './index.ts'

/** Left half red, right half blue: 40 × 20. */
function halves(): Sharp {
  const data = Buffer.alloc(40 * 20 * 3)
  for (let i = 0; i < 800; i++) data[i * 3 + (i % 40 < 20 ? 0 : 2)] = 255
  return sharp(data, { raw: { width: 40, height: 20, channels: 3 } })
}

async function pixels(bytes: Uint8Array) {
  const { data, info } = await decodePhoto(bytes, (picture) => picture.raw().toBuffer({ resolveWithObject: true }))
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)]
  return { ...info, at }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-photos-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}

describe('readPhotoInfo', () => {
  it.each([
    ['jpeg', () => halves().jpeg().toBuffer()],
    ['png', () => halves().png().toBuffer()],
    ['webp', () => halves().webp().toBuffer()],
    ['avif', () => halves().avif({ effort: 0 }).toBuffer()],
    ['tiff', () => halves().tiff().toBuffer()],
    ['gif', () => halves().gif().toBuffer()],
    ['bmp', () => Promise.resolve(bmp(40, 20))],
  ] as const)('reads the size of %s, from bytes and from a file of any name', async (format, make) => {
    const bytes = await make()
    expect(await readPhotoInfo(bytes)).toEqual({ width: 40, height: 20, format })
    expect(await readPhotoInfo(await fileOf('사진 🦊.dat', bytes))).toEqual({ width: 40, height: 20, format })
  })

  it('reads the size of a JPEG of any kind', async () => {
    for (const jpeg of [
      halves().jpeg({ progressive: true }),
      halves().withMetadata({ density: 300, icc: 'p3' }).jpeg(),
      halves().greyscale().jpeg(),
      halves().toColourspace('cmyk').jpeg(),
    ]) {
      expect(await readPhotoInfo(await jpeg.toBuffer())).toEqual({ width: 40, height: 20, format: 'jpeg' })
    }
    const bomb = await halves().jpeg().toBuffer()
    bomb.writeUInt32BE(0xffffffff, bomb.indexOf(Buffer.of(0xff, 0xc0)) + 5)
    await expect(readPhotoInfo(bomb)).rejects.toMatchObject({ code: 'photo/too-large' })
    await expect(thumbnail(bomb)).rejects.toMatchObject({ code: 'photo/too-large' })
  })

  it('tells the upright size of a turned photo', async () => {
    expect(await readPhotoInfo(await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer())).toMatchObject({
      width: 20,
      height: 40,
    })
  })

  it.each([
    ['HTML named .jpg', 'cat.jpg', '<!doctype html><title>404</title>'],
    ['SVG', 'cat.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['SVG behind a mark', 'cat.png', '\ufeff<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['PDF', 'cat.pdf', '%PDF-1.7\n'],
    ['nothing', 'empty.jpg', ''],
    [
      'a BMP’s first two letters',
      'short.bmp',
      'BM and then some text that makes no header of one at all, it is just prose',
    ],
  ])('refuses %s', async (_, name, content) => {
    const expected = { code: 'photo/not-a-picture', next: expect.any(String) as string }
    await expect(readPhotoInfo(await fileOf(name, content))).rejects.toMatchObject(expected)
    await expect(readPhotoInfo(Buffer.from(content))).rejects.toMatchObject(expected)
    await expect(thumbnail(Buffer.from(content))).rejects.toMatchObject(expected)
  })

  it('says what to do about HEIC, and about a file that is gone', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')
    await expect(readPhotoInfo(heic)).rejects.toMatchObject({ next: expect.stringContaining('JPEG') as string })
    await expect(readPhotoInfo(join(folder, 'gone.jpg'))).rejects.toMatchObject({ code: 'photo/unreadable' })
    await expect(thumbnail(join(folder, 'gone.jpg'))).rejects.toMatchObject({ code: 'photo/unreadable' })
  })

  it('refuses a picture that claims more pixels than the cap, before it is decoded', async () => {
    const png = await halves().png().toBuffer()
    png.writeUInt32BE(60_000, 16)
    png.writeUInt32BE(60_000, 20)
    // The header's checksum, so that nothing else is wrong with it.
    png.writeUInt32BE((await import('node:zlib')).crc32(png.subarray(12, 29)), 29)
    const huge = { code: 'photo/too-large', message: expect.stringContaining('60,000 × 60,000') as string }
    await expect(readPhotoInfo(png)).rejects.toMatchObject(huge)
    await expect(thumbnail(png)).rejects.toMatchObject(huge)
    const wide = bmp(40, 20)
    wide.writeInt32LE(2_000_000_000, 18)
    await expect(thumbnail(wide)).rejects.toMatchObject({ code: 'photo/too-large' })
  })
})

describe('decodePhoto', () => {
  it('turns a photo upright by its EXIF orientation', async () => {
    // Stored lying, to be shown turned a quarter to the right: what is left comes to the top.
    const { at, width, height } = await pixels(
      await halves().withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    )
    expect([width, height]).toEqual([20, 40])
    expect(at(10, 5)[0]).toBeGreaterThan(240)
    expect(at(10, 35)[2]).toBeGreaterThan(240)
  })

  it.each([
    ['grey', () => halves().greyscale().png().toBuffer()],
    ['grey with transparency', () => halves().greyscale().ensureAlpha(0.5).png().toBuffer()],
    ['16 bits', () => halves().toColourspace('rgb16').png().toBuffer()],
    ['16 bits of grey', () => halves().toColourspace('grey16').png().toBuffer()],
    ['CMYK', () => halves().toColourspace('cmyk').jpeg().toBuffer()],
    ['CMYK TIFF', () => halves().toColourspace('cmyk').tiff().toBuffer()],
    ['Lab TIFF', () => halves().toColourspace('lab').tiff().toBuffer()],
    ['a palette', () => halves().png({ palette: true }).toBuffer()],
    ['one bit', () => halves().greyscale().threshold(100).tiff({ bitdepth: 1 }).toBuffer()],
  ])('gives three 8-bit channels of %s', async (_, make) => {
    const { channels, size, at } = await pixels(await make())
    expect([channels, size]).toEqual([3, 40 * 20 * 3])
    expect(at(5, 5)).not.toEqual(at(35, 5))
  })

  it('shows transparency on white', async () => {
    const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#0000' } })
      .png()
      .toBuffer()
    expect((await pixels(clear)).at(1, 1)).toEqual([255, 255, 255])
  })

  it('takes the first picture of an animation', async () => {
    const frames = await sharp([await halves().png().toBuffer(), await halves().negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer()
    expect(await readPhotoInfo(frames)).toMatchObject({ width: 40, height: 20 })
    expect((await pixels(frames)).at(5, 5)).toEqual([255, 0, 0])
  })

  it('takes a cut picture for an error, wherever it was cut', async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', sigma: 40, mean: 128 },
      },
    })
    for (const whole of [
      await noise.clone().jpeg().toBuffer(),
      await noise.clone().png().toBuffer(),
      await noise.clone().webp().toBuffer(),
    ]) {
      for (const part of [0.95, 0.5, 0.1]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part))
        await expect(thumbnail(cut)).rejects.toMatchObject({ code: 'photo/truncated' })
        // Nor has it to be decoded for that.
        await expect(readPhotoInfo(cut)).rejects.toMatchObject({ code: 'photo/truncated' })
      }
    }
  })

  it('finds the end of a JPEG with a small picture in its header, or with something behind it', async () => {
    const [small, large] = [await halves().jpeg().toBuffer(), await halves().resize(400).jpeg().toBuffer()]
    // EXIF, and in it a whole JPEG.
    const inside = Buffer.concat([Buffer.from('Exif\0\0'), small])
    const header = Buffer.from([0xff, 0xe1, 0, 0])
    header.writeUInt16BE(inside.length + 2, 2)
    const whole = Buffer.concat([large.subarray(0, 2), header, inside, large.subarray(2)])
    expect(await readPhotoInfo(whole)).toMatchObject({ width: 400 })
    expect(await readPhotoInfo(Buffer.concat([whole, Buffer.from('MotionPhoto_Data')]))).toMatchObject({ width: 400 })
    const cut = readPhotoInfo(whole.subarray(0, whole.length - 300))
    await expect(cut).rejects.toMatchObject({ code: 'photo/truncated' })
  })

  it('lets an abort pass', async () => {
    const bytes = await halves().png().toBuffer()
    const reason = new DOMException('enough', 'AbortError')
    await expect(decodePhoto(bytes, () => Promise.reject(reason))).rejects.toBe(reason)
  })

  it('never ends otherwise than by pixels or an error of ours, whatever the bytes', async () => {
    const starts = ['BM', '\xff\xd8\xff', 'GIF89a', 'II*\0', 'RIFF....WEBP', '\x89PNG\r\n\x1a\n', '....ftypavif']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
        const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest])
        await thumbnail(bytes).catch((thrown: unknown) => expect(thrown).toHaveProperty('code'))
      }),
      { numRuns: 100 },
    )
  })
})

describe('a thumbnail', () => {
  it('is a small JPEG, upright, and never larger than the picture', async () => {
    const wide = await sharp({ create: { width: 1000, height: 10, channels: 3, background: '#123456' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect(await readPhotoInfo(await thumbnail(wide))).toEqual({ width: 3, height: 256, format: 'jpeg' })
    expect(await readPhotoInfo(await thumbnail(await halves().png().toBuffer()))).toMatchObject({ width: 40 })
  })
})

describe('a BMP', () => {
  it.each([24, 32] as const)('of %i bits has its colours where they belong, whichever row is first', async (bits) => {
    for (const topDown of [false, true]) {
      const { at } = await pixels(bmp(5, 3, { bits, topDown }))
      expect(at(0, 0)).toEqual([255, 0, 0])
      expect(at(4, 0)).toEqual([0, 0, 255])
      expect(at(0, 2)).toEqual([0, 0, 0])
    }
  })

  it.each([1, 4, 8] as const)('of %i bits takes them from its palette, with odd widths too', async (bits) => {
    const { at } = await pixels(indexed(bits))
    expect([at(0, 0), at(1, 0), at(2, 0)]).toEqual([
      [10, 20, 30],
      [40, 50, 60],
      [10, 20, 30],
    ])
    expect([at(0, 1), at(1, 1), at(2, 1)]).toEqual([
      [40, 50, 60],
      [40, 50, 60],
      [40, 50, 60],
    ])
  })

  it('of run lengths is read: runs, absolute runs, skips and ends of lines', async () => {
    const runs = [2, 1, 0, 0, /* row 1 from below: */ 0, 3, 1, 0, 1, 0, 0, 1]
    const { at } = await pixels(indexed(8, { compression: 1, data: runs }))
    expect([at(0, 0), at(1, 0), at(2, 0)]).toEqual([
      [40, 50, 60],
      [10, 20, 30],
      [40, 50, 60],
    ])
    expect([at(0, 1), at(1, 1), at(2, 1)]).toEqual([
      [40, 50, 60],
      [40, 50, 60],
      [10, 20, 30],
    ])
  })

  it('that lies about itself is refused', async () => {
    const cut = bmp(40, 20).subarray(0, 2000)
    await expect(thumbnail(cut)).rejects.toMatchObject({ code: 'photo/truncated' })
    const farPixels = bmp(5, 3)
    farPixels.writeUInt32LE(0xffffffff, 10)
    await expect(thumbnail(farPixels)).rejects.toMatchObject({ code: 'photo/truncated' })
    // 200 million pixels in a hundred bytes of runs.
    const bomb = indexed(8, { compression: 1, data: [0, 1] })
    bomb.writeInt32LE(15_000, 18)
    bomb.writeInt32LE(15_000, 22)
    await expect(thumbnail(bomb)).rejects.toMatchObject({ code: 'photo/truncated' })
    const palette = indexed(8)
    palette.writeUInt32LE(0xffffffff, 46)
    palette.writeUInt32LE(60, 14)
    await expect(thumbnail(palette)).rejects.toMatchObject({ code: 'photo/truncated' })
  })
})

it('photos are known by their content, and found by their extension', () => {
  expect(photoHash(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(['a.JPG', 'b.jpeg', '여우.webp', 'x/y.TIFF', 'm.bmp'].every(isPhotoName)).toBe(true)
  expect(['jpg', 'a.svg', 'a.jpg.txt', 'a.heic', '.png/x'].some(isPhotoName)).toBe(false)
})

function header(width: number, height: number, bits: number, compression: number, pixelsAt: number): Buffer {
  const bytes = Buffer.alloc(54)
  bytes.write('BM')
  bytes.writeUInt32LE(pixelsAt, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(bits, 28)
  bytes.writeUInt32LE(compression, 30)
  return bytes
}

/** The top row red, but blue from its middle on; the rest black. */
function bmp(width: number, height: number, { bits = 24, topDown = false } = {}): Buffer {
  const stride = Math.ceil((width * bits) / 32) * 4
  const data = Buffer.alloc(stride * height)
  const top = topDown ? 0 : height - 1
  for (let x = 0; x < width; x++) data[top * stride + x * (bits / 8) + (x < width / 2 ? 2 : 0)] = 255
  return Buffer.concat([header(width, topDown ? -height : height, bits, 0, 54), data])
}

/** 3 × 2 of two colours: 0 1 0 above 1 1 1. */
function indexed(bits: 1 | 4 | 8, { compression = 0, data = [] as readonly number[] } = {}): Buffer {
  const rows = { 1: [0b11100000, 0b01000000], 4: [0x11, 0x10, 0x01, 0x00], 8: [1, 1, 1, 0, 1, 0] }[bits]
  const width = rows.length / 2
  const padded = [0, 1].flatMap((row) => [
    ...rows.slice(row * width, row * width + width),
    ...Array<number>(4 - width).fill(0),
  ])
  const palette = Buffer.alloc(2 ** bits * 4)
  palette.set([30, 20, 10, 0, 60, 50, 40, 0])
  return Buffer.concat([
    header(3, 2, bits, compression, 54 + palette.length),
    palette,
    Buffer.from(compression === 0 ? padded : data),
  ])
}
