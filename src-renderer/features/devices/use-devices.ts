import { computed, ref } from 'vue'
import { toWireError, type Grant, type Job } from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { useToasts } from '../../ui/toasts.ts'
import { deviceRows } from './rows.ts'

const goesOn = ({ state }: Job): boolean => state === 'running' || state === 'cancelling'

/** What is known of the machine's devices, and what can be done with them. Long work goes on when the page is left. */
export function useDevices() {
  const { backend, files } = useUnseen()
  const state = useBackendState()
  const { show, fail } = useToasts()
  const asked = ref(false)

  const newest = (kind: Job['kind']): Job | null => state.value.jobs.findLast((job) => job.kind === kind) ?? null
  const probe = computed(() => state.value.jobs.findLast((job) => job.kind === 'probe' && goesOn(job)) ?? null)
  const device = computed(() => newest('device'))
  const adding = computed(() => (device.value && goesOn(device.value) ? device.value : null))
  /** Told beside the devices until it is tried again, or until it is there. */
  const failure = computed(() => {
    const there = state.value.devices.some(({ removable }) => removable)
    return !there && device.value?.state === 'failed' ? device.value.error : null
  })

  const cancel = async (job: Job | null): Promise<void> => {
    if (job) await backend.cancelJob({ job: job.id }).catch(fail)
  }
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (thrown) {
      const { code } = toWireError(thrown)
      // Who cancels it knows, and what a job failed of is told on the page.
      if (code !== 'job/cancelled' && failure.value?.code !== code) fail(thrown)
      return false
    }
  }

  return {
    machine: computed(() => state.value.about.machine),
    rows: computed(() => deviceRows(state.value.devices)),
    chosen: computed(() => state.value.devices.find((report) => report.chosen !== null) ?? null),
    measuring: computed(() => asked.value || probe.value !== null),
    probe,
    adding,
    failure,
    cancelled: computed(() => device.value?.state === 'cancelled'),

    async measure(): Promise<void> {
      asked.value = true
      await attempt(() => backend.probeDevices({}))
      asked.value = false
    },
    cancelMeasuring: () => cancel(probe.value),

    async add(cuda: boolean, folder: Grant | null): Promise<void> {
      const added = await attempt(() => backend.addDevice({ device: 'tensorflow', cuda, wheels: folder?.id ?? null }))
      if (folder) files.release([folder])
      if (added) show({ tone: 'plain', message: t('devices.added') })
    },
    cancelAdding: () => cancel(adding.value),

    async remove(): Promise<void> {
      const removed = await attempt(() => backend.removeDevice({ device: 'tensorflow' }))
      if (removed) show({ tone: 'plain', message: t('devices.removed') })
    },
  }
}
