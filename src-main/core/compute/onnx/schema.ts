import protobuf from 'protobufjs'

/** The part of onnx.proto3 (ONNX, Apache-2.0) that our graphs use; field numbers are the format's. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ModelProto {
    int64 irVersion = 1; string producerName = 2; GraphProto graph = 7; repeated OperatorSetIdProto opsetImport = 8;
  }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1; repeated string output = 2; string name = 3; string opType = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
  message TensorProto { repeated int64 dims = 1; int32 dataType = 2; string name = 8; bytes rawData = 9; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { TensorTypeProto tensorType = 1; }
  message TensorTypeProto { int32 elemType = 1; TensorShapeProto shape = 2; }
  message TensorShapeProto { repeated DimensionProto dim = 1; }
  message DimensionProto { int64 dimValue = 1; string dimParam = 2; }
`)
const model = root.lookupType('ModelProto')

export interface NodeProto {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly name: string
  readonly opType: string
  readonly attribute: readonly AttributeProto[]
}

/** `type` says which of the kinds it is: 1 is FLOAT, 2 is INT, 7 is INTS. */
export type AttributeProto =
  | { readonly name: string; readonly f: number; readonly type: 1 }
  | { readonly name: string; readonly i: number; readonly type: 2 }
  | { readonly name: string; readonly ints: readonly number[]; readonly type: 7 }

export interface TensorProto {
  readonly dims: readonly number[]
  readonly dataType: number
  readonly name: string
  readonly rawData: Uint8Array
}

export interface ValueInfoProto {
  readonly name: string
  /** Left out, it is inferred. */
  readonly type?: {
    readonly tensorType: {
      readonly elemType: number
      readonly shape: { readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[] }
    }
  }
}

export interface GraphProto {
  readonly name: string
  readonly node: readonly NodeProto[]
  readonly initializer: readonly TensorProto[]
  readonly input: readonly ValueInfoProto[]
  readonly output: readonly ValueInfoProto[]
}

/** Bytes of an .onnx file. Opset 18 is the first in which every reduction takes its axes as an input. */
export function encodeModel(graph: GraphProto): Uint8Array {
  return model
    .encode(
      model.fromObject({ irVersion: 9, producerName: 'unseen', graph, opsetImport: [{ domain: '', version: 18 }] }),
    )
    .finish()
}
