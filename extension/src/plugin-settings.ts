import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** The settings of a plugin, kept up to date in the object that is given back; the defaults where there are none. */
export function pluginSettings<T extends object>(registry: ISettingRegistry | null, plugin: string, defaults: T): T {
  const settings = { ...defaults };
  registry
    ?.load(plugin)
    .then(loaded => {
      const apply = (): void => {
        Object.assign(settings, loaded.composite);
      };
      loaded.changed.connect(apply);
      apply();
    })
    .catch(() => {
      // Without settings the defaults hold.
    });
  return settings;
}
