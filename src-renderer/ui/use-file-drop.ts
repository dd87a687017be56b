import { onBeforeUnmount, onMounted, readonly, ref } from 'vue'

/** Takes files dropped anywhere on the window while it is `open` to them. Tells whether some are held over it. */
export function useFileDrop(
  take: (transfer: DataTransfer, target: EventTarget | null) => Promise<void>,
  open: () => boolean = () => true,
) {
  const dragging = ref(false)
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
  const welcome = (event: DragEvent): boolean => holdsFiles(event) && open()

  const over = (event: DragEvent): void => {
    if (!welcome(event)) return
    event.preventDefault()
    dragging.value = true
  }
  const leave = (event: DragEvent): void => {
    if (event.relatedTarget === null) dragging.value = false
  }
  const drop = (event: DragEvent): void => {
    dragging.value = false
    if (!event.dataTransfer || !welcome(event)) return
    event.preventDefault()
    void take(event.dataTransfer, event.target)
  }

  onMounted(() => {
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('dragover', over)
    window.removeEventListener('dragleave', leave)
    window.removeEventListener('drop', drop)
  })
  return readonly(dragging)
}
