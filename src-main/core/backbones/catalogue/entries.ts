import type { BackboneId, BackboneRecipe } from '../../../contract/index.ts'

/** A network that its publisher offers to everyone. */
export interface CatalogueEntry {
  readonly id: BackboneId
  readonly name: string
  /** One line: what it is good for. */
  readonly note: string
  readonly licence: string
  /** Where it comes from, for a person. */
  readonly source: string
  readonly recipe: BackboneRecipe
  /**
   * null where no address with a checksum of its publisher's could be confirmed: the note then says “unverified”, and
   * the file is to be dropped. A checksum is never our own reckoning of what an address gave.
   */
  readonly download: { readonly url: string; readonly bytes: number; readonly sha256: string } | null
}

/** What the networks here have in common; pixels become (pixel / 255 − mean) / std. */
const photo = {
  inputType: 'float32',
  layout: 'NCHW',
  channels: 'RGB',
  inputSize: [224, 224],
  fit: 'cover',
  scale: 1 / 255,
  offset: 0,
} satisfies Partial<BackboneRecipe>

/** Means and deviations of ImageNet's photos, with which most networks were trained. */
const imagenet = {
  ...photo,
  shorterSide: 256,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} satisfies Partial<BackboneRecipe>

/** The ONNX Model Zoo moved from GitHub to this place in 2025; its files and their checksums stayed. */
const zoo = 'https://huggingface.co/onnxmodelzoo/legacy_models/resolve/main/validated/vision/classification'

export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'mobilenet-v2',
    name: 'MobileNetV2 (ImageNet)',
    note: 'Small and fast: the first to try on a computer without a graphics card.',
    licence: 'Apache-2.0',
    source: 'ONNX Model Zoo, mobilenetv2-7',
    recipe: {
      ...imagenet,
      input: 'data',
      batch: 1,
      output: 'mobilenetv20_features_pool0_fwd',
      pooling: 'average',
      dimension: 1280,
    },
    // Length and checksum: model_bytes and model_sha of “MobileNet v2-7” in ONNX_HUB_MANIFEST.json of
    // github.com/onnx/models, and the Git LFS pointer vision/classification/mobilenet/model/mobilenetv2-7.onnx there.
    download: {
      url: `${zoo}/mobilenet/model/mobilenetv2-7.onnx`,
      bytes: 14_246_826,
      sha256: 'c1c513582d56afceff8516c73804e484c81c6a830712ab6d682253f4a3cd042f',
    },
  },
  {
    id: 'resnet-101',
    name: 'ResNet-101 (ImageNet)',
    note: 'The network of the papers on zero-shot learning: 2,048 features, for figures to compare with theirs.',
    licence: 'Apache-2.0',
    source: 'ONNX Model Zoo, resnet101-v1-7',
    recipe: {
      ...imagenet,
      input: 'data',
      batch: null,
      output: 'resnetv18_pool1_fwd',
      pooling: 'average',
      dimension: 2048,
    },
    // Length and checksum: model_bytes and model_sha of “ResNet101” in ONNX_HUB_MANIFEST.json of github.com/onnx/models,
    // and the Git LFS pointer vision/classification/resnet/model/resnet101-v1-7.onnx at commit e8feddcd there. The
    // manifest also names the tensor of features (extra_ports).
    download: {
      url: `${zoo}/resnet/model/resnet101-v1-7.onnx`,
      bytes: 178_914_043,
      sha256: '760702f6ec0138f71ebac66f4e95d1c72dc9267a8544f4d4667a53075fd0497c',
    },
  },
  {
    id: 'clip-vit-b-32',
    name: 'CLIP ViT-B/32 (image encoder)',
    note: 'Trained on pictures with captions: strong on things that ImageNet does not have.',
    licence: 'MIT',
    source: 'OpenAI, converted by Xenova for Transformers.js',
    recipe: {
      ...photo,
      input: 'pixel_values',
      shorterSide: 224,
      mean: [0.48145466, 0.4578275, 0.40821073],
      std: [0.26862954, 0.26130258, 0.27577711],
      batch: null,
      output: 'image_embeds',
      pooling: 'none',
      dimension: 512,
    },
    // Checksum: “Git LFS Details” of the page huggingface.co/Xenova/clip-vit-base-patch32/blob/
    // 4c1807b705b1d015fb032789cc4d221b23025a6f/onnx/vision_model.onnx, which gives the length as 352 MB.
    download: {
      url: 'https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/4c1807b705b1d015fb032789cc4d221b23025a6f/onnx/vision_model.onnx',
      bytes: 351_685_709,
      sha256: 'fd6e1402a588279d1723c7534d4bcba5bc0b14b47dfab0e46f8c47b8270d7d40',
    },
  },
  {
    id: 'dinov2-small',
    name: 'DINOv2 ViT-S/14',
    note: 'Trained without labels: good at shapes and parts, and at animals and plants that look alike.',
    licence: 'Apache-2.0',
    source: 'Meta AI, converted by Xenova for Transformers.js',
    recipe: {
      ...imagenet,
      input: 'pixel_values',
      batch: null,
      output: 'last_hidden_state',
      pooling: 'cls',
      dimension: 384,
    },
    // Checksum: “Git LFS Details” of the page huggingface.co/Xenova/dinov2-small/blob/
    // 560a572cedd01ab59cf1a614c2d9673397b65ef2/onnx/model.onnx, which gives the length as 88.5 MB.
    download: {
      url: 'https://huggingface.co/Xenova/dinov2-small/resolve/560a572cedd01ab59cf1a614c2d9673397b65ef2/onnx/model.onnx',
      bytes: 88_459_888,
      sha256: '83141175ec78b4ff9a2bb58a4c7c264ba0054d1c2e122e5a8114b79a8d4179ea',
    },
  },
]
