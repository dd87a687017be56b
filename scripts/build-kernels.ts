import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

/**
 * Compiles every `kernels/*.as.ts` to WebAssembly (SIMD, memory imported) and writes them as one module of base64 strings.
 * Not relaxed SIMD: Node 20 does not have it, and its fused multiply-add made the kernels hardly any faster.
 */
const folder = join(import.meta.dirname, '../src-main/core/compute/kernels')
const sources = (await readdir(folder)).filter((name) => name.endsWith('.as.ts')).sort()
const temporary = await mkdtemp(join(tmpdir(), 'unseen-kernels-'))
try {
  let text = '// Made by `npm run build:kernels` from the *.as.ts beside it.\n'
  for (const source of sources) {
    const name = source.slice(0, -'.as.ts'.length)
    const wasm = join(temporary, `${name}.wasm`)
    const { error } = await asc.main([
      join(folder, source),
      '--outFile',
      wasm,
      '--runtime',
      'stub',
      '--importMemory',
      '--noAssert',
      '-O3',
      '--enable',
      'simd',
      // Several threads work on the memory of Adam (compute/parallel-adam.ts).
      ...(name === 'adam' ? ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'] : []),
    ])
    // The compiler has told the terminal where and why.
    if (error) throw error
    text += `export const ${name} = '${(await readFile(wasm)).toString('base64')}'\n`
  }
  await writeFile(join(folder, 'generated.ts'), text)
} finally {
  await rm(temporary, { recursive: true })
}
