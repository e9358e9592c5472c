import assert from 'node:assert/strict';
import test from 'node:test';
import { isOn } from '../src/lib/features.js';

test('a flag is on only where the environment says true', () => {
  const given = { VITE_ENABLE_ANALYTICS: 'true', VITE_ENABLE_DEBUG: 'false' };
  assert.equal(isOn('ANALYTICS', given), true);
  assert.equal(isOn('DEBUG', given), false);
  assert.equal(isOn('MOCK_AUTH', given), false);
});
