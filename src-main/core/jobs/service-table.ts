/** Each service is loaded only in the process that runs it. */
export const services = {
  /** A finished run's model. */
  model: async () => (await import('../inference/model-service.ts')).modelService,
  /** The same of an ESZSL run, as far as that method has any. */
  eszsl: async () => (await import('../explanation/eszsl-service.ts')).eszslService,
  /** A dataset without a run: its attribute graph. */
  'dataset-graph': async () => (await import('../graphs/dataset-service.ts')).datasetGraphService,
}
