import { existsSync, readdirSync } from 'node:fs'

const swiftShader = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/lib64/chromium/vk_swiftshader_icd.json']

const hasGraphicsCard = (): boolean =>
  existsSync('/dev/nvidiactl') ||
  (existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD')))

/**
 * Without a graphics card, the software renderer that comes with Chromium, so that `webgpu` is tested too.
 * (Mesa's own, where it is installed, lacks a feature that onnxruntime's WebGPU asks for.)
 */
export function softwareAdapter(): NodeJS.ProcessEnv {
  if (process.platform !== 'linux' || process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return {}
  const file = swiftShader.find((path) => existsSync(path))
  return file === undefined || hasGraphicsCard() ? {} : { VK_ICD_FILENAMES: file }
}
