import { workerData } from 'node:worker_threads'
import { helpForever, type AdamShare } from './parallel-adam.ts'

/** The thread that helps with Adam (see parallel-adam.ts). */
helpForever(workerData as AdamShare)
