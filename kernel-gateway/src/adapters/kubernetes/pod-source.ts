import type { PodSource } from '../../core/index.js';
import { openCluster } from './cluster-client.js';
import { FollowedPods } from './followed-pods.js';

/** The pods of the cluster of a kubeconfig's context (null: the current one). Nothing is read before it is used. */
export function createPodSource(context: string | null): PodSource {
  return {
    follow: async (selection, onChange) => {
      const followed = new FollowedPods(await openCluster(context), selection, onChange);
      await followed.open();
      return followed;
    }
  };
}
