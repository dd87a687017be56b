import { describe, expect, it } from 'vitest'
import { input, matMul } from '../compute/expression.ts'
import { createProviderEngine } from '../compute/onnx/engine.ts'
import { failed } from './missing.ts'
import { providerDevices } from './providers.ts'

describe('onnxruntime’s own ways to a card', () => {
  it('are those of the system; they are measured where they are there', () => {
    expect(providerDevices('win32', 'x64').present).toEqual(['directml'])
    expect(providerDevices('darwin', 'arm64').present).toEqual(['coreml'])
    expect(providerDevices('linux', 'x64', () => true)).toEqual({ present: ['cuda'], absent: [] })
    expect(providerDevices('linux', 'arm64', () => true)).toEqual({ present: [], absent: [] })
  })

  it('CUDA’s library is not in the package: what is missing is told, and how to have it', () => {
    const { present, absent } = providerDevices('linux', 'x64', () => false)
    expect(present).toEqual([])
    expect(absent).toMatchObject([{ name: 'cuda', available: false, leftOut: false }])
    expect(absent[0].note).toContain('is not installed')
    expect(absent[0].next).toContain('npm rebuild onnxruntime-node')
  })

  it.each(['cuda', 'directml', 'coreml'] as const)('%s that is not there fails with a sentence', async (device) => {
    if (providerDevices().present.includes(device)) return
    const product = matMul(input('left', [2, 3]), input('right', [3, 2]))
    const refused = createProviderEngine(device).program({ product })
    await expect(refused).rejects.toMatchObject({
      code: 'device/failed',
      message: expect.stringMatching(new RegExp(`^The device “${device}” could not do this: .`)) as string,
      next: expect.stringContaining('“cpu”') as string,
    })
    expect(failed(device, 'It is not there.')).toMatchObject({ note: 'It is not there.', leftOut: false })
    expect(failed(device, '').next).toContain('measure again')
  })
})
