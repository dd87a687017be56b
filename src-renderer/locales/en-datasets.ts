/** Sentences about photos, attributes and backbones. */
export const datasetTexts = {
  'job.demo': 'Drawing {title}',
  'job.extract': 'Making features of {title}',
  'job.backbone': 'Fetching {title}',
  'job.classify': 'Classifying {title}',

  'layout.image-folder': 'Folders of photos',
  'layout.awa2': 'Animals with Attributes 2 (photos)',
  'layout.cub': 'CUB-200-2011 (photos)',
} as const
