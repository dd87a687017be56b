import { expect, it } from 'vitest'
import { reasonOf } from './reason.ts'

it('tells what onnxruntime says without telling where anything lies', () => {
  expect(reasonOf(new Error('Failed to get a WebGPU adapter\n at Create'))).toBe('Failed to get a WebGPU adapter')
  expect(reasonOf(new Error('Load model from /home/jane doe/새/model.onnx failed:Protobuf parsing failed.'))).toBe(
    'Load model from model.onnx failed:Protobuf parsing failed.',
  )
  expect(reasonOf(new Error('Load model from C:\\Users\\Jane\\model.onnx failed'))).toBe(
    'Load model from model.onnx failed',
  )
  expect(reasonOf('2 and/or 3 bytes')).toBe('2 and/or 3 bytes')
})
