import type { PodSelection } from '../../core/pods/pod-container.js';
import { LabError } from '../../protocol/index.js';

/** A selection that chooses nothing that runs. */
export function noPods({ pod, selector, container }: PodSelection): LabError {
  const words = [pod && `pod "${pod}"`, selector && `labels "${selector}"`, container && `container "${container}"`];
  return new LabError('BPFLAB_POD_UNKNOWN', `No container runs for ${words.filter(Boolean).join(', ')}.`);
}
