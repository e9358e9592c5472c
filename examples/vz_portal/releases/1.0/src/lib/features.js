import { settings } from './settings.js';

/** A feature flag: on only where the environment says true. */
export function isOn(name, given = settings) {
  return given[`VITE_ENABLE_${name}`] === 'true';
}
