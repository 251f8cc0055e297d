import fc from 'fast-check';
import { seedOf } from './deep';

// Before each unit spec, for the properties that name no seed of their own.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedOf() });
