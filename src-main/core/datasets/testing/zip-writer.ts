import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly data: Buffer
  /** Lies about the size, as a bomb does. */
  readonly announcedBytes?: number
}

/** A zip with deflated entries, names in UTF-8. `copies` of each are in its directory, all with the one body. */
export function writeZip(entries: readonly ZipEntry[], copies = 1): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, announcedBytes = data.length } of entries) {
    const stored = deflateRawSync(data)
    const nameBytes = Buffer.from(name)
    // Version, flags (UTF-8), method (deflate), time, date, checksum, sizes, name length, extra length.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(stored.length, 14)
    common.writeUInt32LE(announcedBytes, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, stored)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    const listed = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, nameBytes])
    for (let copy = 0; copy < copies; copy++) directory.push(listed)
    offset += 4 + common.length + nameBytes.length + stored.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}
