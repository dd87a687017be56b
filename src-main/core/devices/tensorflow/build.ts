import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildFailed } from './failures.ts'
import { findCompiler, runProgram, telling } from './programs.ts'

/** The highest level that the binding knows; every Node since 12.22 has it. */
const level = 8

/**
 * Builds the binding of tfjs-node in `folder`, which holds its sources in binding/, Node-API's headers in include/ and
 * what was unpacked of TensorFlow in tensorflow/. It is two files, so that the compiler alone does it: no node-gyp, no
 * headers of Node to download. The result lies where tfjs-node has it, and finds the library beside it.
 */
export async function buildBinding(folder: string, signal: AbortSignal): Promise<void> {
  const compiler = await findCompiler(signal)
  const target = join('lib', `napi-v${level}`)
  await mkdir(join(folder, target), { recursive: true })
  const ran = await runProgram(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${level}`],
      ...['-Iinclude', '-Itensorflow/include', 'binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
      ...['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'],
      ...['-Wl,-rpath,$ORIGIN/../../tensorflow', '-o', join(target, 'tfjs_binding.node')],
    ],
    { signal, folder },
  )
  if (ran?.code !== 0) throw buildFailed(telling(ran?.output ?? ''))
}
